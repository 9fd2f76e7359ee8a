"""Use cases that change a customer as a whole, with what follows for orders and warnings."""

from kehu_customer.features.customers.service.entry import create, delete, purge, restore, update
from kehu_customer.features.customers.service.managing import reactivate, reassign
from kehu_customer.features.customers.service.opportunities import won
from kehu_customer.features.customers.service.reading import directory_, get, list_, losses
from kehu_customer.features.customers.service.sales import (
    customers_told,
    orders_told,
    returns_told,
    stale_told,
)
from kehu_customer.features.registry import service as registry

CONFIDENTIAL = registry.CONFIDENTIAL
LEVELS = registry.LEVELS
STATUSES = registry.STATUSES
registration_no = registry.registration_no
Columns = registry.Columns

__all__ = [
    "CONFIDENTIAL",
    "LEVELS",
    "STATUSES",
    "Columns",
    "create",
    "customers_told",
    "delete",
    "directory_",
    "get",
    "list_",
    "losses",
    "orders_told",
    "purge",
    "reactivate",
    "reassign",
    "registration_no",
    "restore",
    "returns_told",
    "stale_told",
    "update",
    "won",
]
