"""The events of the sales system: its customers and orders, as CloudEvents."""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from types import MappingProxyType
from typing import Any
from uuid import NAMESPACE_URL, uuid5
from zoneinfo import ZoneInfo

from kehu_chassis import clock
from kehu_chassis.messaging._amqp import Message
from kehu_chassis.messaging.contracts import ContractError, Contracts
from kehu_chassis.messaging.events import CONTENT_TYPE
from kehu_cli.catalogue import CONTRACTS
from kehu_cli.demo.book import (
    CANCELLED,
    CONFIRMED,
    IN_PREPARATION,
    PAID,
    PLACED,
    SHIPPED,
    Order,
)
from kehu_cli.demo.client import DemoError

EXCHANGE, SOURCE = "sales.events", "/sales"
NO_DETAILS: Mapping[str, Mapping[str, Any]] = MappingProxyType({})

# The events that bring an order to its final state, each with its status.
LIFE = {
    PLACED: (("placed", PLACED),),
    CONFIRMED: (("placed", PLACED), ("confirmed", CONFIRMED)),
    IN_PREPARATION: (
        ("placed", PLACED),
        ("confirmed", CONFIRMED),
        ("changed", IN_PREPARATION),
    ),
    SHIPPED: (("placed", PLACED), ("shipped", SHIPPED)),
    PAID: (("placed", PLACED), ("shipped", SHIPPED), ("paid", PAID)),
    CANCELLED: (("placed", PLACED), ("cancelled", CANCELLED)),
}


class SalesEvents:
    """Builds events. An event has the same id however often it is built, as from a real outbox."""

    def __init__(self, timezone: ZoneInfo) -> None:
        self._timezone = timezone
        self._position = 0

    def customers(
        self, orders: Iterable[Order], details: Mapping[str, Mapping[str, Any]] = NO_DETAILS
    ) -> Iterator[Message]:
        """Yield one event for each customer of these orders; ``details`` are further fields of a
        customer by name."""
        names = {order.code: order.customer for order in orders}
        for code, name in names.items():
            data = {"code": code, "name": name, **details.get(name, {})}
            yield self._message("customer-changed", code, 1, data)

    def product(self, data: Mapping[str, Any]) -> Message:
        """Return the event of a product."""
        return self._message("product-changed", data["code"], 1, dict(data))

    def stock(self, data: Mapping[str, Any]) -> Message:
        """Return the event of the stock of a product at one place."""
        subject = f"{data['product_code']}/{data['warehouse']}"
        return self._message("stock-changed", subject, 1, dict(data))

    def paid(self, order: Order) -> Message:
        """Return the event of an order from a file, of which only the payment is known."""
        return self._message("order-paid", order.number, 1, self._order(order, PAID))

    def lifecycle(self, order: Order) -> list[Message]:
        """Return the events of an order from its placement to its final state."""
        return [
            self._message(f"order-{name}", order.number, version, self._order(order, status))
            for version, (name, status) in enumerate(LIFE[order.status], start=1)
        ]

    def repeat(self, message: Message, *, as_new: bool) -> Message:
        """Return an event again: the same one, or its content under a new id."""
        self._position += 1
        envelope = json.loads(message.body)
        if as_new:
            envelope["id"] = _event_id("again", envelope["id"])
        return _encode(self._position, envelope)

    def _order(self, order: Order, status: int) -> dict[str, Any]:
        line = {
            "product_code": order.product,
            "name": order.product_name,
            "unit": order.unit,
            "quantity": format(order.quantity, "f"),
            "amount": str(order.amount),
        }
        data: dict[str, Any] = {
            "order_no": order.number,
            "customer_code": order.code,
            "ordered_at": self._midnight(order.ordered_on),
            "status": status,
            "currency": order.currency,
            "lines": [_given(line)],
            "total": str(order.amount),
        }
        if status == PAID:
            data["paid_amount"] = str(order.amount)
        data |= {
            "salesperson": order.salesperson,
            "delivery_address": order.delivery_address,
            "profit": None if order.profit is None else str(order.profit),
        }
        return _given(data)

    def _midnight(self, day: date) -> str:
        moment = datetime.combine(day, time(), self._timezone)
        # Historic offsets have seconds (local mean time), which the contracts do not allow.
        in_minutes = (moment.utcoffset() or timedelta()) % timedelta(minutes=1) == timedelta()
        return (moment if in_minutes else moment.astimezone(UTC)).isoformat()

    def _message(self, name: str, subject: str, version: int, data: dict[str, Any]) -> Message:
        event_type = f"sales.{name}.v1"
        try:
            _contracts().check_outgoing(event_type, data)
            _contracts().check_incoming(event_type, data)
        except ContractError as error:
            raise DemoError(f"the sales system cannot publish {subject}: {error}") from None
        self._position += 1
        return _encode(
            self._position,
            {
                "specversion": "1.0",
                "id": _event_id(event_type, subject, version),
                "source": SOURCE,
                "type": event_type,
                "subject": subject,
                "time": clock.now().isoformat().replace("+00:00", "Z"),
                "dataschema": f"/contracts/events/sales/{name}/v1.schema.json",
                "datacontenttype": "application/json",
                "aggregateversion": version,
                "data": data,
            },
        )


def amounts(orders: Iterable[Order]) -> dict[str, Decimal]:
    """Return the total amount of the orders in each currency."""
    found: dict[str, Decimal] = {}
    for order in orders:
        found[order.currency] = found.get(order.currency, Decimal(0)) + order.amount
    return found


def _given(data: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if value is not None}


def _encode(position: int, envelope: dict[str, Any]) -> Message:
    return Message(
        position=position,
        routing_key=envelope["type"],
        message_id=envelope["id"],
        body=json.dumps(envelope, ensure_ascii=False, separators=(",", ":")).encode(),
        content_type=CONTENT_TYPE,
        headers={},
    )


def _event_id(*parts: object) -> str:
    return str(uuid5(NAMESPACE_URL, "/".join(["kehu", "sales", *map(str, parts)])))


@cache
def _contracts() -> Contracts:
    return Contracts(CONTRACTS)
