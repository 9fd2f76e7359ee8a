"""What may be done to contacts, each by which permission and when."""

from kehu_chassis.records import Blocked, Operation
from kehu_customer.features.contacts import rules
from kehu_customer.features.contacts.models import Contact, last_ones
from kehu_customer.features.customers.service import Customer

CREATE = Operation("create_contact", Customer, "contact:create")
UPDATE = Operation("update_contact", Contact, "contact:update", fields=rules.FORM)
DELETE = Operation(
    "delete_contact", Contact, "contact:delete", blocked=Blocked("last-contact", last_ones)
)
