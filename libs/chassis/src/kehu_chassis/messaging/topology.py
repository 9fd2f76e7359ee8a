"""Exchanges, queues and logins of the broker, derived from ``contracts/asyncapi.yaml``.

python -m kehu_chassis.messaging.topology declare amqp://…  declare everything, as administrator
python -m kehu_chassis.messaging.topology definitions       print deploy/rabbitmq/definitions.json
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from kehu_chassis import config
from kehu_chassis.messaging import _amqp
from kehu_chassis.messaging._amqp import Exchange, Queue
from kehu_chassis.messaging.contracts import Contracts
from kehu_chassis.messaging.events import CONTENT_TYPE, SALES

CRM_EVENTS = "crm.events"
SALES_EVENTS = "sales.events"
UNROUTED = "unrouted"
DEAD = "dead-letters"
DELIVERY_LIMIT = 5
# Without a dead-letter exchange, RabbitMQ 4 would drop a message after 20 deliveries.
NO_DELIVERY_LIMIT = 1_000_000
UNROUTED_LIMIT = 100_000
UNROUTED_MILLISECONDS = 7 * 24 * 3600 * 1000

EXCHANGES = (
    Exchange(UNROUTED, "fanout"),
    Exchange(CRM_EVENTS, "topic", alternate=UNROUTED),
    Exchange(SALES_EVENTS, "topic", alternate=UNROUTED),
    # A topic exchange only so that each login may read the dead letters of its own queues only.
    Exchange(DEAD, "topic"),
)
UNROUTED_QUEUE = Queue(
    UNROUTED,
    ((UNROUTED, ""),),
    (("x-queue-type", "quorum"), ("x-max-length", UNROUTED_LIMIT), ("x-overflow", "drop-head")),
)


def queues_of(service: str, event_types: Iterable[str], retired: Iterable[str] = ()) -> list[Queue]:
    """The queues of a service: for internal events and, if subscribed, the sales system's.

    ``retired`` are event types that an earlier release bound. The sales queue receives all event
    types, so that an unknown one is dead-lettered with a reason instead of vanishing.
    """
    ours = sorted({name for name in event_types if not name.startswith(f"{SALES}.")})
    sales = any(name.startswith(f"{SALES}.") for name in event_types)
    queues = []
    if ours:
        gone = tuple((CRM_EVENTS, name) for name in sorted(retired))
        queues.append(_queue(f"{service}.events", [(CRM_EVENTS, name) for name in ours], gone))
    if sales:
        queues.append(_queue(f"{service}.{SALES}", [(SALES_EVENTS, "#")]))
    return queues


def _queue(
    name: str, bindings: list[tuple[str, str]], retired: tuple[tuple[str, str], ...] = ()
) -> Queue:
    arguments = (
        ("x-queue-type", "quorum"),
        ("x-delivery-limit", DELIVERY_LIMIT),
        ("x-dead-letter-exchange", DEAD),
        # So that a dead message still shows its original exchange, and thus who may publish there.
        ("x-dead-letter-routing-key", name),
    )
    return Queue(name, tuple(bindings), arguments, retired)


def dead_queue(service: str, queues: Iterable[Queue]) -> Queue:
    """The queue for messages that ended a consumer of these queues five times."""
    bindings = tuple((DEAD, queue.name) for queue in queues)
    return Queue(f"{service}.dead", bindings, (("x-queue-type", "quorum"),))


def allows(route: str, event_type: str) -> bool:
    """Whether an event of that type may be published to that exchange and key (``exchange/key``).

    A message keeps the exchange that it was published to on every way but one: a dead letter has
    the exchange of dead letters, and the name of its queue as key.
    """
    exchange, key = route.split("/", 1)
    is_sales = event_type.startswith(f"{SALES}.")
    if exchange == DEAD:
        return key.endswith(f".{SALES}" if is_sales else ".events")
    return event_type == key and exchange == (SALES_EVENTS if is_sales else CRM_EVENTS)


def source_of(event_type: str) -> str:
    """The ``source`` of an event, which names its producer."""
    producer = event_type.split(".")[0]
    return f"/{SALES}" if producer == SALES else f"/kehu/{producer}"


def names_producer(source: str, event_type: str) -> bool:
    """Whether the ``source`` of an event of that type names its producer.

    Ours is always written in one way. The path of the sales system's begins with ``/sales``: it may
    distinguish its parts (``/sales/shop-2``) and write a whole URI.
    """
    expected = source_of(event_type)
    if not event_type.startswith(f"{SALES}."):
        return source == expected
    try:
        path = urlsplit(source).path
    except ValueError:
        return False
    return path == expected or path.startswith(f"{expected}/")


def is_ours(route: str) -> bool:
    """Whether a message was published to the exchange of internal events."""
    return route.startswith(f"{CRM_EVENTS}/")


def consumed(document: dict[str, Any]) -> dict[str, list[str]]:
    """``{service: [event types it receives]}`` of an AsyncAPI document."""
    receives: dict[str, list[str]] = {}
    for operation in document["operations"].values():
        service = operation["x-service"]
        receives.setdefault(service, [])
        if operation["action"] == "receive":
            channel = operation["channel"]["$ref"].rsplit("/", 1)[1]
            receives[service].append(document["channels"][channel]["address"])
    receives.pop(SALES, None)
    return receives


def all_queues(document: dict[str, Any]) -> list[Queue]:
    """Every queue of the system."""
    queues = [UNROUTED_QUEUE]
    for service, types in sorted(consumed(document).items()):
        own = queues_of(service, types)
        queues += [*own, dead_queue(service, own)]
    return queues


def definitions(document: dict[str, Any]) -> dict[str, Any]:
    """The broker's definitions: import them before any process starts.

    Users carry no password here; the deployment adds a ``password_hash`` for each.
    """
    queues = all_queues(document)
    services = sorted(consumed(document))
    return {
        "vhosts": [{"name": "/"}],
        "users": [{"name": name, "tags": []} for name in [*services, SALES]],
        "permissions": [
            *(service_rights(service, queues) for service in services),
            _sales_rights(),
        ],
        "topic_permissions": [
            *(rights for service in services for rights in service_topics(service)),
            *_sales_topics(),
        ],
        "exchanges": [_exchange(exchange) for exchange in EXCHANGES],
        "queues": [
            {
                "name": queue.name,
                "vhost": "/",
                "durable": True,
                "auto_delete": False,
                "arguments": dict(queue.arguments),
            }
            for queue in queues
        ],
        "bindings": [
            {
                "source": exchange,
                "vhost": "/",
                "destination": queue.name,
                "destination_type": "queue",
                "routing_key": key,
                "arguments": {},
            }
            for queue in queues
            for exchange, key in queue.bindings
        ],
        "policies": [{"vhost": "/", **policy} for policy in policies()],
    }


def policies() -> list[dict[str, Any]]:
    """Settings that, unlike arguments, may differ by installation and change later."""
    return [
        _policy(
            "unrouted-kept-seven-days",
            f"^{UNROUTED}$",
            # As long as the outbox keeps sent events, which `replay` can resend.
            {"message-ttl": UNROUTED_MILLISECONDS, "delivery-limit": NO_DELIVERY_LIMIT},
        ),
        _policy("dead-kept-until-taken", r"^[a-z-]+\.dead$", {"delivery-limit": NO_DELIVERY_LIMIT}),
        _policy(
            "moved-aside-without-loss",
            rf"^[a-z-]+\.(events|{SALES})$",
            # The queue keeps a dead letter until another queue has confirmed it; RabbitMQ requires
            # this overflow setting, which has no effect without a length limit.
            {"dead-letter-strategy": "at-least-once", "overflow": "reject-publish"},
        ),
    ]


def _policy(name: str, pattern: str, definition: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "pattern": pattern,
        "apply-to": "queues",
        "priority": 0,
        "definition": definition,
    }


def _exchange(exchange: Exchange) -> dict[str, Any]:
    arguments = {"alternate-exchange": exchange.alternate} if exchange.alternate else {}
    return {
        "name": exchange.name,
        "vhost": "/",
        "type": exchange.type,
        "durable": True,
        "auto_delete": False,
        "internal": False,
        "arguments": arguments,
    }


def service_rights(service: str, queues: Iterable[Queue]) -> dict[str, str]:
    """The permissions of a service's login: to publish events and to consume its own queues."""
    own = [queue for queue in queues if queue.name.startswith(f"{service}.")]
    names = sorted(queue.name for queue in own)
    exchanges = {exchange for queue in own for exchange, _key in queue.bindings}
    # Without the right to configure, a login has no exchange or queue of its own, from which
    # messages would reach the exchange of events under any key. Binding a queue again requires
    # write permission on it and read permission on the exchange.
    return {
        "user": service,
        "vhost": "/",
        "configure": "^$",
        "write": _one_of([*names, CRM_EVENTS]),
        "read": _one_of([*names, *sorted(exchanges)]),
    }


def _one_of(names: list[str]) -> str:
    return "^({})$".format("|".join(name.replace(".", r"\.") for name in names))


def _sales_rights() -> dict[str, str]:
    return {
        "user": SALES,
        "vhost": "/",
        "configure": "^$",
        "write": r"^sales\.events$",
        "read": "^$",
    }


def service_topics(service: str) -> list[dict[str, str]]:
    """The routing keys that a service's login may publish or bind to, by exchange."""
    own = rf"^{service}\."
    return [
        {"user": service, "vhost": "/", "exchange": CRM_EVENTS, "write": own, "read": ".*"},
        # Only the broker itself publishes dead letters.
        {"user": service, "vhost": "/", "exchange": DEAD, "write": "^$", "read": own},
    ]


def _sales_topics() -> list[dict[str, str]]:
    return [
        {"user": SALES, "vhost": "/", "exchange": SALES_EVENTS, "write": r"^sales\.", "read": "^$"}
    ]


def asyncapi(contracts: Contracts, received: dict[str, list[str]]) -> dict[str, Any]:
    """The AsyncAPI document: the publisher and receivers of each event type with a schema.

    ``received`` are each service's subscribed event types; ValueError if one has no schema.
    """
    operations: dict[str, Any] = {}
    for event_type in contracts.types:
        producer = event_type.split(".")[0]
        operations[f"publish {event_type}"] = _operation("send", producer, event_type)
    for service, types in sorted(received.items()):
        for event_type in sorted(set(types)):
            if event_type not in contracts.types:
                raise ValueError(f"{service} subscribes to {event_type}, which has no schema")
            name = f"{service} receives {event_type}"
            operations[name] = _operation("receive", service, event_type)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Kehu events",
            "version": "1",
            "description": "CloudEvents 1.0 structured JSON on AMQP 0-9-1; the routing key is the"
            " type. Generated by `./kehu contracts` from the schemas and the subscriptions.",
        },
        "defaultContentType": CONTENT_TYPE,
        "channels": {name: _channel(contracts, name) for name in contracts.types},
        "operations": operations,
    }


def _channel(contracts: Contracts, event_type: str) -> dict[str, Any]:
    producer, event, version = event_type.split(".")
    exchange = SALES_EVENTS if producer == SALES else CRM_EVENTS
    return {
        "address": event_type,
        "messages": {
            event: {
                "summary": contracts.schema(event_type)["title"],
                "payload": {"$ref": f"events/{producer}/{event}/{version}.schema.json"},
            }
        },
        "bindings": {"amqp": {"is": "routingKey", "exchange": {"name": exchange, "type": "topic"}}},
    }


def _operation(action: str, service: str, event_type: str) -> dict[str, Any]:
    return {
        "action": action,
        "x-service": service,
        "channel": {"$ref": f"#/channels/{event_type}"},
    }


def load(contracts: Path) -> dict[str, Any]:
    """The AsyncAPI document of a ``contracts/`` folder."""
    document: dict[str, Any] = yaml.safe_load((contracts / "asyncapi.yaml").read_text())
    return document


def main(arguments: list[str]) -> int:
    """The command line of this module; returns the exit code."""
    contracts = config.read_or_exit(config.contracts_path)
    if arguments == ["asyncapi"]:
        document = asyncapi(Contracts(contracts), json.load(sys.stdin))
        print(yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=100), end="")
        return 0
    if arguments == ["definitions"]:
        print(json.dumps(definitions(load(contracts)), indent=2))
        return 0
    if len(arguments) == 2 and arguments[0] == "declare":
        try:
            _amqp.declare(arguments[1], EXCHANGES, all_queues(load(contracts)))
        except (_amqp.QueueUnusable, *_amqp.Unreachable) as error:
            print(f"kehu: topology: {error or type(error).__name__}", file=sys.stderr)
            return 1
        return 0
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
