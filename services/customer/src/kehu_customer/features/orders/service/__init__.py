"""Recording the sales system's orders, linking its codes to customers, and reading it back."""

from kehu_customer.features.orders.rules import Applied, newest
from kehu_customer.features.orders.service.accounts import (
    UNLINKED,
    OrderChanges,
    attach_by_number,
    differences,
    link,
    list_unlinked,
    lock_accounts,
    record_announcement,
    require_codes,
    unlink,
)
from kehu_customer.features.orders.service.reading import (
    LISTING,
    any_of,
    get,
    have_orders,
    last_order_days,
    list_,
    snapshots,
)
from kehu_customer.features.orders.service.recording import record, record_returns, stale
from kehu_customer.features.orders.service.versions import VERSIONS

__all__ = [
    "VERSIONS",
    "Applied",
    "LISTING",
    "UNLINKED",
    "OrderChanges",
    "any_of",
    "attach_by_number",
    "differences",
    "get",
    "have_orders",
    "last_order_days",
    "link",
    "list_",
    "lock_accounts",
    "newest",
    "record",
    "record_returns",
    "require_codes",
    "snapshots",
    "stale",
    "record_announcement",
    "unlink",
    "list_unlinked",
]
