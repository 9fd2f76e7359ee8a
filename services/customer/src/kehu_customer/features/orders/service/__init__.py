"""Recording the sales system's orders, linking its codes to customers, and reading it back."""

from kehu_customer.features.orders.rules import (
    NAME,
    NUMBER,
    PERSON,
    REGISTRATION,
    Applied,
    newest,
)
from kehu_customer.features.orders.service.accounts import (
    UNLINKED,
    announced_registrations,
    differences,
    is_open,
    known_codes,
    list_unlinked,
    lock_accounts,
    record_announcement,
    require_codes,
)
from kehu_customer.features.orders.service.linking import (
    OrderChanges,
    attach_by_number,
    free,
    link,
    unlink,
    withdraw,
)
from kehu_customer.features.orders.service.reading import (
    LISTING,
    any_of,
    get,
    have_orders,
    last_order_days,
    list_,
    snapshots,
    those_with_orders,
)
from kehu_customer.features.orders.service.recording import record, record_returns, stale
from kehu_customer.features.orders.service.versions import VERSIONS

__all__ = [
    "VERSIONS",
    "Applied",
    "LISTING",
    "NAME",
    "NUMBER",
    "PERSON",
    "REGISTRATION",
    "UNLINKED",
    "OrderChanges",
    "announced_registrations",
    "any_of",
    "attach_by_number",
    "differences",
    "free",
    "get",
    "have_orders",
    "is_open",
    "known_codes",
    "last_order_days",
    "link",
    "list_",
    "lock_accounts",
    "newest",
    "record",
    "record_returns",
    "require_codes",
    "snapshots",
    "those_with_orders",
    "stale",
    "record_announcement",
    "unlink",
    "withdraw",
    "list_unlinked",
]
