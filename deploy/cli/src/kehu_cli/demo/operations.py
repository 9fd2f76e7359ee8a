"""What an operator sees: events that could not be handled, and how many were sent and taken."""

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
# A handler counts each event it is given, so one that two handlers listen to counts twice.
_NAMES = {
    ("outbox_publish_total", "ok"): "events published by the services",
    DONE: "events handled, counted by each handler",
    DUPLICATE: "duplicates refused, counted by each handler",
}
UNREACHABLE = "not reachable from here"

Sample = tuple[str, str | None]


@dataclass(frozen=True)
class Growth:
    """By how much a counter has grown; ``known`` unless a process was restarted or is hidden."""

    count: int
    known: bool

    @property
    def shown(self) -> int | str:
        """The number, or what is known of it."""
        if self.known:
            return self.count
        return f"at least {self.count:,}, as processes were restarted"


@dataclass
class Meter:
    """What the background processes of some services have counted since it was made.

    A process that was killed counts from zero again, and what it had counted is gone.
    """

    stack: Stack | None
    services: Iterable[str] = SERVICES
    _before: dict[str, dict[Sample, float]] = field(init=False)

    def __post_init__(self) -> None:
        self._before = self._read()

    def grown(self, *samples: Sample) -> Growth:
        """Return by how much the sum of these counters has grown."""
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
        """Wait until the sum of these counters has grown, where that can be known."""
        wait_for(lambda: self._up_to(by, *samples), by)

    def compare(self, name: str, by: int, figures: Figures, *samples: Sample) -> None:
        """Compare by how much the sum has grown; it may be more, if a broker delivered again."""
        if self.grown(*samples).known:
            figures.compare(name, by, self._up_to(by, *samples))
        else:
            self.note(name, figures, *samples)

    def note(self, name: str, figures: Figures, *samples: Sample) -> None:
        """Note by how much the sum has grown, or why that is not known."""
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
    """No event may be left that a service could not handle."""

    def failed() -> int:
        return sum(admin.total(f"/{service}/dead-letters") for service in SERVICES)

    figures.compare("dead letters, and events still being retried", 0, wait_for(failed, 0))


def note_events(meter: Meter, figures: Figures) -> None:
    """Note how many events were sent and taken."""
    for sample, name in _NAMES.items():
        meter.note(f"{name} (/metrics)", figures, sample)
