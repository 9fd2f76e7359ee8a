"""Looking up the labels of codes."""

from collections.abc import Mapping
from typing import Any

from kehu_customer.features.orders import service as orders
from kehu_customer.features.registry import service as registry


def levels() -> dict[str, Any]:
    """The levels of customers, the closest first."""
    return _labelled(registry.LEVEL_LABELS)


def order_statuses() -> dict[str, Any]:
    """The statuses of orders, as the sales system numbers them."""
    return _labelled(orders.STATUS_LABELS)


def _labelled(labels: Mapping[Any, tuple[str, str]]) -> dict[str, Any]:
    return {
        "items": [
            {"code": code, "label_zh": chinese, "label_en": english}
            for code, (english, chinese) in labels.items()
        ]
    }
