"""The demonstration's repeated events, and the counters of the services."""

from collections.abc import Iterator
from datetime import date
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import SimpleNamespace
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest

from kehu_cli.demo import operations, our_company
from kehu_cli.demo.figures import Figure, Figures
from kehu_cli.demo.operations import DONE, DUPLICATE, Meter, note_events
from kehu_cli.demo.script import Script
from kehu_cli.demo.story import Story
from kehu_cli.demo.target import Target
from kehu_cli.demo.waiting import wait_for

SHANGHAI = ZoneInfo("Asia/Shanghai")


class Service:
    """A background process with its /metrics."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.started = 100.0
        self.done = self.duplicate = self.published = 0

    def shown(self) -> str:
        return (
            f"# TYPE inbox_total counter\n"
            f'inbox_total{{result="done"}} {float(self.done)}\n'
            f'inbox_total{{result="duplicate"}} {float(self.duplicate)}\n'
            f'outbox_publish_total{{result="ok"}} {float(self.published)}\n'
            f"process_start_time_seconds {self.started}\n"
        )


@pytest.fixture
def service() -> Iterator[Service]:
    """A service whose counters can be set."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(shown.shown().encode())

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        shown = Service(f"http://127.0.0.1:{server.server_port}")
        Thread(target=server.serve_forever, daemon=True).start()
        yield shown
        server.shutdown()


def meter_of(service: Service) -> Meter:
    stack: Any = SimpleNamespace(address=lambda _process: service.address)
    return Meter(stack, ("customer",))


def test_repeated_events_are_published_before_the_last_order() -> None:
    today = date(2026, 11, 25)
    own = our_company.read(today, "CNY")
    orders = own.orders
    script = Script(own.book, orders, False, today, 1, own.company)
    target = Target("http://127.0.0.1:1", "", "admin", "", SHANGHAI)
    messages, repeats, republished = Story(target, script, cast(Any, None))._messages()
    seen: set[str] = set()
    again = [
        position
        for position, message in enumerate(messages)
        if message.message_id in seen or seen.add(message.message_id)
    ]
    assert len(again) == repeats > 10
    assert republished > 3
    last = [n for n, m in enumerate(messages) if orders[-1].number.encode() in m.body]
    assert max(again) < min(last)


def test_a_repeated_event_that_was_not_recognised_is_a_wrong_figure(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "wait_for", partial(wait_for, patience=0.3))
    service.duplicate = 7
    meter, figures = meter_of(service), Figures()
    service.duplicate += 2
    meter.wait_until_grown(3, DUPLICATE)
    meter.compare("repeats", 3, figures, DUPLICATE)
    assert figures.wrong == [Figure("repeats", 3, 2)]
    service.duplicate += 2
    meter.compare("repeats", 3, figures, DUPLICATE)
    assert figures.listed[1:] == [Figure("repeats", 3, 3)]


def test_the_count_of_a_restarted_process_is_a_lower_bound(service: Service) -> None:
    service.done = 50
    meter, figures = meter_of(service), Figures()
    service.started, service.done = 200.0, 9
    meter.wait_until_grown(30, DONE)
    meter.compare("handled", 30, figures, DONE)
    assert figures.listed == [Figure("handled", None, "at least 9, as processes were restarted")]


def test_unreachable_counters_are_reported_as_such() -> None:
    figures = Figures()
    note_events(Meter(None), figures)
    assert len(figures.listed) == 3
    assert {figure.seen for figure in figures.listed} == {"not reachable from here"}


def test_counters_are_shown_even_if_they_have_not_grown(service: Service) -> None:
    meter, figures = meter_of(service), Figures()
    service.published = 4
    note_events(meter, figures)
    assert [figure.seen for figure in figures.listed] == [4, 0, 0]
    assert meter.grown(DONE, DUPLICATE).count == 0
