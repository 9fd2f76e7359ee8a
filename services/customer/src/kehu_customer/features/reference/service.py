"""Looking up codes and their labels."""

from collections.abc import Mapping
from typing import Any

from kehu_customer.features.reference.texts import TEXTS

LEVELS = TEXTS.labels["customer.level"]
ORDER_STATUSES = TEXTS.labels["order.status"]


def levels() -> dict[str, Any]:
    """The levels of customers, the closest first."""
    return _labelled(LEVELS)


def order_statuses() -> dict[str, Any]:
    """The statuses of orders, as the sales system numbers them."""
    return _labelled(ORDER_STATUSES)


def _labelled(labels: Mapping[Any, tuple[str, str]]) -> dict[str, Any]:
    return {
        "items": [
            {"code": code, "label_zh": chinese, "label_en": english}
            for code, (english, chinese) in labels.items()
        ]
    }
