"""What may be done to churn warnings, each by which permission and when."""

from kehu_chassis.records import Operation
from kehu_customer.features.churn import rules
from kehu_customer.features.churn.models import ChurnWarning

REPRIEVE = Operation(
    "reprieve_churn_warning", ChurnWarning, "churn-warning:reprieve", transition="reprieve"
)
CONFIRM = Operation(
    "confirm_churn_warning",
    ChurnWarning,
    "churn-warning:confirm",
    transition="confirm",
    require=rules.require_reprieved,
)
