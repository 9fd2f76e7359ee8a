"""The operator's view: dead letters, and counters of published and handled events."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

import urllib3

from kehu_cli.catalogue import SERVICES
from kehu_cli.demo.client import Person
from kehu_cli.demo.figures import Figures
from kehu_cli.demo.waiting import wait_for
from kehu_cli.stack.stack import Stack

_SAMPLE = re.compile(r'^(\w+)(?:\{result="([a-z_]+)"\})? ([0-9.e+]+)$')
_STARTED = "process_start_time_seconds", None
DONE, DUPLICATE = ("inbox_total", "done"), ("inbox_total", "duplicate")
# Each handler counts its events, so an event with two handlers counts twice.
_NAMES = {
    ("outbox_publish_total", "ok"): "events published by the services",
    DONE: "events handled, counted by each handler",
    DUPLICATE: "duplicates refused, counted by each handler",
}
UNREACHABLE = "not reachable from here"

Sample = tuple[str, str | None]


@dataclass(frozen=True)
class Growth:
    """The growth of a counter; ``known`` unless a process was restarted or is unreachable."""

    count: int
    known: bool

    @property
    def shown(self) -> int | str:
        """The number, or its lower bound as a text."""
        if self.known:
            return self.count
        return f"at least {self.count:,}, as processes were restarted"


@dataclass
class Meter:
    """The growth of counters of background processes since the meter was created.

    A killed process counts from zero again; its previous count is lost.
    """

    stack: Stack | None
    services: Iterable[str] = SERVICES
    _before: dict[str, dict[Sample, float]] = field(init=False)

    def __post_init__(self) -> None:
        self._before = self._read()

    def grown(self, *samples: Sample) -> Growth:
        """Return the growth of the sum of these counters."""
        count, known = 0, bool(self._before)
        now = self._read()
        for service, before in self._before.items():
            after = now.get(service, {})
            restarted = after.get(_STARTED) != before.get(_STARTED)
            known = known and not restarted
            for sample in samples:
                count += int(after.get(sample, 0) - (0 if restarted else before.get(sample, 0)))
        return Growth(count, known)

    def wait_until_grown(self, by: int, *samples: Sample) -> None:
        """Wait until the sum of these counters has grown by so much, if that can be known."""
        wait_for(lambda: self._up_to(by, *samples), by)

    def compare(self, name: str, by: int, figures: Figures, *samples: Sample) -> None:
        """Compare the growth of the sum; it may be larger, if the broker redelivered."""
        if self.grown(*samples).known:
            figures.compare(name, by, self._up_to(by, *samples))
        else:
            self.note(name, figures, *samples)

    def note(self, name: str, figures: Figures, *samples: Sample) -> None:
        """Record the growth of the sum, or why it is not known."""
        figures.note(name, self.grown(*samples).shown if self._before else UNREACHABLE)

    def _up_to(self, by: int, *samples: Sample) -> int:
        grown = self.grown(*samples)
        return min(grown.count, by) if grown.known else by

    def _read(self) -> dict[str, dict[Sample, float]]:
        if self.stack is None:
            return {}
        found = {}
        for service in self.services:
            address = f"{self.stack.address(f'{service}-work')}/metrics"
            try:
                text = urllib3.request("GET", address, timeout=5.0, retries=False).data.decode()
            except urllib3.exceptions.HTTPError:
                continue
            matches = map(_SAMPLE.match, text.splitlines())
            found[service] = {(m[1], m[2]): float(m[3]) for m in matches if m}
        return found


def compare_dead_letters(admin: Person, figures: Figures) -> None:
    """Check that no event is left that a service could not handle."""

    def failed() -> int:
        return sum(admin.total(f"/{service}/dead-letters") for service in SERVICES)

    figures.compare("dead letters, and events still being retried", 0, wait_for(failed, 0))


def note_events(meter: Meter, figures: Figures) -> None:
    """Record how many events were published and handled."""
    for sample, name in _NAMES.items():
        meter.note(f"{name} (/metrics)", figures, sample)
