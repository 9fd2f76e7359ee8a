"""Looking up codes and their labels."""

from collections.abc import Mapping
from typing import Any

from kehu_customer.features.reference.texts import TEXTS

LEVELS = TEXTS.labels["customer.level"]
LOSS_REASONS = TEXTS.labels["customer.loss_reason"]
ORDER_STATUSES = TEXTS.labels["order.status"]


def level_labels(level: str) -> list[str]:
    """What people call a level, in every language."""
    return list(LEVELS.get(level, ()))


def levels() -> dict[str, Any]:
    """The levels of customers, the closest first."""
    return _labelled(LEVELS)


def loss_reasons() -> dict[str, Any]:
    """Why a customer can be lost."""
    return _labelled(LOSS_REASONS)


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
