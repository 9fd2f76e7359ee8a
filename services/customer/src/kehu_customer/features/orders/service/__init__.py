"""Recording what the sales system tells, linking its codes to customers, and reading it back."""

from kehu_customer.features.orders.rules import Applied, newest
from kehu_customer.features.orders.service.accounts import (
    Effect,
    attach_by_number,
    differences,
    link,
    lock_accounts,
    require_codes,
    tell_account,
    unlink,
    unlinked,
)
from kehu_customer.features.orders.service.intake import record, record_returns, stale
from kehu_customer.features.orders.service.reading import (
    any_of,
    get,
    have_orders,
    last_order_days,
    list_,
    snapshots,
)

__all__ = [
    "Applied",
    "Effect",
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
    "tell_account",
    "unlink",
    "unlinked",
]
