"""What may be done to customers, each by which permission and when."""

from kehu_chassis.records import Blocked, Operation
from kehu_customer.features.customers import service as customers
from kehu_customer.features.customers.service import Customer
from kehu_customer.features.orders import service as orders

LINK_CODE = Operation("link_sales_code", Customer, "customer:reassign")
UNLINK_CODE = Operation("unlink_sales_code", Customer, "customer:reassign")
UPDATE = Operation(
    "update_customer",
    Customer,
    "customer:update",
    transition="edit",
    fields=customers.FORM,
    fields_by={"sales_codes": LINK_CODE},
)
DELETE = Operation(
    "delete_customer",
    Customer,
    "customer:delete",
    blocked=Blocked("customer-has-orders", orders.those_with_orders),
)
RESTORE = Operation("restore_customer", Customer, "customer:delete", on_deleted=True)
REASSIGN = Operation("reassign_customer", Customer, "customer:reassign", transition="reassign")
REACTIVATE = Operation(
    "reactivate_customer", Customer, "customer:reactivate", transition="reactivate"
)
