"""The background processes of a service: consume, relay, jobs, and all three as `work`."""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable, Sequence

from kehu_chassis import clock, config
from kehu_chassis.config import Broker, Settings
from kehu_chassis.data import fields
from kehu_chassis.data.database import Database
from kehu_chassis.messaging import topology
from kehu_chassis.messaging.consumer import ConsumerLoop
from kehu_chassis.messaging.contracts import Contracts
from kehu_chassis.messaging.inbox import Inbox
from kehu_chassis.messaging.relay import Relay
from kehu_chassis.observability import metrics, tracing
from kehu_chassis.records import commit
from kehu_chassis.runtime import garbage, migrate, probes
from kehu_chassis.runtime.jobs import JobLoop
from kehu_chassis.runtime.service import Service

log = logging.getLogger(__name__)

ALL = ("consume", "relay", "jobs")
_GRACE_SECONDS = 22.0


def open_database(service: Service, settings: Settings, *, process: str, pool: int) -> Database:
    """The database of a process; connects on first use."""
    fields.use_default_currency(settings.currency)
    clock.use_timezone(settings.timezone)
    return commit.open_database(
        settings.database_url,
        service=service.name,
        pool=pool,
        application=f"kehu {service.name} {process}",
        contracts=Contracts(settings.contracts),
    )


def _open_broker(service: Service, names: Sequence[str]) -> Broker | None:
    """The broker, if one of the loops needs it; warns of a login that all services share."""
    if not {"consume", "relay"} & set(names):
        return None
    broker = config.broker(service.name)
    if broker.shared_login is not None:
        metrics.SHARED_LOGIN.set(1)
        log.warning(
            "KEHU_AMQP_SHARED_LOGIN: all services publish as %s, so that nothing prevents one of"
            " them from publishing in another's name",
            broker.shared_login,
        )
    return broker


def run(service: Service, settings: Settings, names: Sequence[str]) -> int:
    """Run background loops, each on its own thread, until SIGTERM; returns the exit code.

    A loop that ends by itself ends the process, for its supervisor to restart.
    """
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    process = names[0] if len(names) == 1 else "work"
    tracing.start(service.name, process, settings.otlp_endpoint)
    database = open_database(service, settings, process=process, pool=len(names) + 1)
    broker = _open_broker(service, names)
    loops = [_loop(name, service, settings, database, broker, stop) for name in names]
    if settings.probe_bind:
        shown = probes.Probes(
            service, database, list(names), shared_login=bool(broker and broker.shared_login)
        )
        probes.serve(shown, settings.probe_bind)
    migrate.wait_for(database, stop, loops=names)
    if stop.is_set():
        return 0
    migrate.require(service, database)
    garbage.collect_rarely()
    failed = threading.Event()
    threads = [
        threading.Thread(target=_guard, args=(name, loop, stop, failed), name=name, daemon=True)
        for name, loop in zip(names, loops, strict=True)
    ]
    for thread in threads:
        thread.start()
    log.info("started %s", ", ".join(names))
    stop.wait()
    deadline = time.monotonic() + _GRACE_SECONDS
    for thread in threads:
        thread.join(timeout=max(0.0, deadline - time.monotonic()))
    database.dispose()
    return 1 if failed.is_set() else 0


def _guard(
    name: str, loop: Callable[[], None], stop: threading.Event, failed: threading.Event
) -> None:
    try:
        loop()
    except Exception as error:
        log.critical("%s ended: %s", name, error, exc_info=True)
    finally:
        if not stop.is_set():
            failed.set()
        stop.set()


def _loop(
    name: str,
    service: Service,
    settings: Settings,
    database: Database,
    broker: Broker | None,
    stop: threading.Event,
) -> Callable[[], None]:
    if name == "jobs":
        return JobLoop(service.jobs(), database, settings, stop).run
    assert broker is not None
    if name == "relay":
        return Relay(database, broker.url, service.name, stop).run
    types = [on.type for on in service.subscriptions()]
    queues = topology.queues_of(service.name, types, service.retired())
    return ConsumerLoop(
        Inbox(
            database,
            database.contracts,
            service.subscriptions(),
            service.retired(),
            broker.shared_login,
        ),
        broker.url,
        service.name,
        queues,
        topology.dead_queue(service.name, queues),
        stop,
    ).run
