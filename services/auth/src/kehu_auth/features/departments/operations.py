"""What may be done to departments, each by which permission and when."""

from kehu_auth.features.departments.models import Department, filled
from kehu_chassis.records import Blocked, Operation

UPDATE = Operation("update_department", Department, "department:update")
DELETE = Operation(
    "delete_department",
    Department,
    "department:delete",
    blocked=Blocked("department-not-empty", filled),
)
