"""Looking up the labels of codes."""

from typing import Any

from kehu_chassis.texts import Texts


def levels(texts: Texts) -> dict[str, Any]:
    """The levels of customers, the closest first."""
    return _labelled(texts, "customer.level")


def order_statuses(texts: Texts) -> dict[str, Any]:
    """The statuses of orders, as the sales system numbers them."""
    return _labelled(texts, "order.status")


def _labelled(texts: Texts, context: str) -> dict[str, Any]:
    return {
        "items": [
            {"code": code, "label_zh": chinese, "label_en": english}
            for code, (english, chinese) in texts.labels[context].items()
        ]
    }
