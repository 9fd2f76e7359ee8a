"""One customer or many: reading, locking, finding, creating, losing and winning back.

`Customer` itself is for `records.get` and `records.lock`, and for parts of a customer; all other
queries are here.
"""

from kehu_customer.features.customers.events import notice
from kehu_customer.features.customers.models import Customer
from kehu_customer.features.customers.rules import (
    CONFIDENTIAL,
    FORM,
    MANAGERS,
    REQUIRED,
    contradict,
    missing,
    registration_key,
    registration_no,
    require_complete,
)
from kehu_customer.features.customers.service.access import (
    deleted_ids,
    hold,
    sees_confidential,
)
from kehu_customer.features.customers.service.deletion import (
    purge,
    restorable,
    restorable_since,
)
from kehu_customer.features.customers.service.identities import (
    candidates,
    lock_identities,
    lock_numbers,
    present_ids,
)
from kehu_customer.features.customers.service.losses import (
    lose,
    losses,
    open_losses,
    reactivate,
)
from kehu_customer.features.customers.service.making import add, add_codes, keep_apart
from kehu_customer.features.customers.service.managers import notify_managers
from kehu_customer.features.customers.service.origins import (
    add_origin,
    has_history,
    has_origin,
    link,
)
from kehu_customer.features.customers.service.reading import (
    COUNTS,
    DIRECTORY,
    LISTING,
    briefs,
    find,
    found_ids,
    list_,
    list_directory,
    listed,
    normal_batch,
    share,
)
from kehu_customer.features.customers.service.snapshots import snapshots
from kehu_customer.features.customers.service.versions import VERSIONS

__all__ = [
    "CONFIDENTIAL", "COUNTS", "DIRECTORY", "FORM", "LISTING", "MANAGERS", "REQUIRED", "VERSIONS",
    "Customer", "add", "add_codes", "add_origin", "briefs", "candidates", "contradict",
    "deleted_ids", "find", "found_ids", "has_history", "has_origin", "hold", "keep_apart", "link",
    "list_", "list_directory", "listed", "lock_identities", "lock_numbers", "lose", "losses",
    "missing", "normal_batch", "notice", "notify_managers", "open_losses", "present_ids", "purge",
    "reactivate", "registration_key", "registration_no", "require_complete", "restorable",
    "restorable_since", "sees_confidential", "share", "snapshots",
]  # fmt: skip
