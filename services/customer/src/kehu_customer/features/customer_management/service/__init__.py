"""Use cases of customers, with their effects on orders and warnings."""

from kehu_customer.features.customer_management.service.codes import link_code, unlink_code
from kehu_customer.features.customer_management.service.deletion import delete, purge, restore
from kehu_customer.features.customer_management.service.entry import create, update
from kehu_customer.features.customer_management.service.managing import reactivate, reassign
from kehu_customer.features.customer_management.service.reading import (
    count,
    get,
    list_,
    list_changes,
    losses,
)
from kehu_customer.features.customers.service import COUNTS, LISTING

__all__ = [
    "COUNTS",
    "LISTING",
    "count",
    "create",
    "delete",
    "get",
    "link_code",
    "list_",
    "list_changes",
    "losses",
    "purge",
    "reactivate",
    "reassign",
    "restore",
    "unlink_code",
    "update",
]
