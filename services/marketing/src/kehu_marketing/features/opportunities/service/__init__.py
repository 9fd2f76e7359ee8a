"""The use cases of opportunities: ``(session, actor, …) → result``; none of them commits."""

from kehu_marketing.features.opportunities.service.lifecycle import (
    assign,
    history,
    lose,
    move,
    progress,
    void,
    win,
)
from kehu_marketing.features.opportunities.service.plan import (
    add_item,
    delete_item,
    edit_item,
    get_item,
    list_item_changes,
    list_items,
    record_result,
)
from kehu_marketing.features.opportunities.service.records import (
    OPPORTUNITIES,
    assignee_candidates,
    copy,
    create,
    customer_known,
    delete,
    get,
    list_,
    list_changes,
    snapshots,
    update,
)
from kehu_marketing.features.opportunities.service.versions import VERSIONS

__all__ = [
    "VERSIONS",
    "OPPORTUNITIES",
    "add_item", "assign", "assignee_candidates", "copy", "create", "customer_known", "delete",
    "delete_item", "edit_item", "get", "get_item", "history", "list_", "list_changes",
    "list_item_changes", "list_items", "lose", "move", "progress", "record_result", "snapshots",
    "update", "void", "win",
]  # fmt: skip
