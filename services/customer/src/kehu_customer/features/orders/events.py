"""Orders and returns with our customer's id."""

from typing import Any

from kehu_chassis.messaging.events import Event
from kehu_customer.features.orders import rules

_LINE = ("product_code", "name", "quantity", "unit", "amount")


def recorded(order: Any, customer: Any) -> Event:
    """The present state of an order; without customer if the sales system moved it to an unknown
    code."""
    return Event(
        "customer.order-recorded.v1",
        str(order["id"]),
        rules.recorded_version(order),
        {
            "order_id": order["id"],
            "order_no": order["order_no"],
            "customer_id": customer.id if customer else None,
            "customer_number": customer.number if customer else None,
            "customer_name": customer.name if customer else None,
            "manager_id": customer.manager_id if customer else None,
            "status": order["status"],
            "ordered_at": order["ordered_at"],
            "currency": order["currency"],
            "total": rules.amount(order["total"], order["currency"]),
            "profit": rules.amount(order["profit"], order["currency"]),
            "paid_amount": rules.amount(order["paid_amount"], order["currency"]),
            "lines": [
                {name: line[name] for name in _LINE if name in line}
                for line in rules.shown_lines(order["lines"], order["currency"])
            ],
        },
    )


def returned(row: Any, customer_id: Any) -> Event:
    """A return; without customer if the sales system moved it to an unknown code."""
    return Event(
        "customer.return-recorded.v1",
        row["return_no"],
        rules.recorded_version(row),
        {
            "return_no": row["return_no"],
            "customer_id": customer_id,
            "order_no": row["order_no"],
            "returned_at": row["returned_at"],
            "currency": row["currency"],
            "total": rules.amount(row["total"], row["currency"]),
        },
    )
