"""One customer or many: reading, locking, finding, making, losing and winning back."""

from kehu_customer.features.customers.events import notice
from kehu_customer.features.customers.rules import (
    CONFIDENTIAL,
    STATUSES,
    missing,
    registration_no,
    require_complete,
    require_normal,
)
from kehu_customer.features.customers.service.access import (
    deleted_ids,
    get,
    lock,
    locked,
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
    reactivate,
    reactivate_by_order,
)
from kehu_customer.features.customers.service.origins import (
    add_origin,
    has_history,
    has_origin,
)
from kehu_customer.features.customers.service.publishing import (
    publish_changed,
    publish_created,
    publish_deleted,
    publish_linked,
    snapshots,
)
from kehu_customer.features.customers.service.reading import (
    DIRECTORY,
    LISTING,
    CustomerView,
    briefs,
    found_ids,
    list_,
    list_directory,
    normal_batch,
    share,
)
from kehu_customer.features.customers.service.writing import add, add_codes, assign

__all__ = [
    "CONFIDENTIAL",
    "DIRECTORY",
    "LISTING",
    "STATUSES",
    "CustomerView",
    "add",
    "add_codes",
    "add_origin",
    "assign",
    "briefs",
    "candidates",
    "deleted_ids",
    "found_ids",
    "get",
    "has_history",
    "has_origin",
    "list_",
    "list_directory",
    "lock",
    "lock_identities",
    "lock_numbers",
    "locked",
    "lose",
    "losses",
    "missing",
    "normal_batch",
    "notice",
    "present_ids",
    "publish_changed",
    "publish_created",
    "publish_deleted",
    "publish_linked",
    "purge",
    "reactivate",
    "reactivate_by_order",
    "registration_no",
    "require_complete",
    "require_normal",
    "restorable",
    "restorable_since",
    "sees_confidential",
    "share",
    "snapshots",
]
