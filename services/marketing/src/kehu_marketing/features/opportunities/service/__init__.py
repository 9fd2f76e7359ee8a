"""The use cases of opportunities: ``(session, actor, …) → result``; none of them commits."""

from kehu_marketing.features.opportunities.service.board import BoardQuery, board
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
    PLAN_ITEM_COUNTS,
    PLAN_ITEMS,
    add_item,
    count_items,
    delete_item,
    edit_item,
    get_item,
    list_item_changes,
    list_items,
    record_result,
    search_items,
)
from kehu_marketing.features.opportunities.service.records import (
    COUNTS,
    OPPORTUNITIES,
    assignee_candidates,
    copy,
    count,
    create,
    customer_known,
    delete,
    find,
    get,
    list_,
    list_changes,
    snapshots,
    update,
)
from kehu_marketing.features.opportunities.service.versions import VERSIONS

__all__ = [
    "COUNTS", "OPPORTUNITIES", "PLAN_ITEMS", "PLAN_ITEM_COUNTS", "VERSIONS", "BoardQuery",
    "add_item", "assign", "assignee_candidates", "board", "copy", "count", "count_items", "create",
    "customer_known", "delete", "delete_item", "edit_item", "find", "get", "get_item", "history",
    "list_", "list_changes", "list_item_changes", "list_items", "lose", "move", "progress",
    "record_result", "search_items", "snapshots", "update", "void", "win",
]  # fmt: skip
