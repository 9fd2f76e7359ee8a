"""Fault experiments: the faults, and the tests that inject them.

A test takes part by ``@pytest.mark.fault("F02", …)``.  Tests of the whole system, in tests/faults,
check that nothing is lost, duplicated or stuck and that no response is wrong; tests of a part check
its contribution.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

import pytest

EXPERIMENTS = {
    "F01": "an API process is killed after its commit; the caller retries with the same key",
    "F02": "the relay is killed after publishing, before the broker confirms",
    "F03": "the relay is killed after the confirm, before it marks the event as sent",
    "F04": "a consumer is killed before its commit",
    "F05": "a consumer is killed after its commit, before it acknowledges",
    "F06": "one process after another is killed while the main job runs",
    "F07": "the relay is paused, another one takes over, the first resumes",
    "F08": "each service is restarted in turn under load",
    "F09": "relays and consumers are scaled to four, and back to one, under load",
    "F10": "a consumer runs out of memory on a large event",
    "F11": "the broker is restarted under load",
    "F12": "the broker is killed under load",
    "F13": "the broker is down while people work",
    "F14": "the broker's memory or disk alarm is on",
    "F15": "the connection to the broker is slow, cut, or fragmented",
    "F16": "a queue is full and the broker rejects",
    "F17": "a binding is missing",
    "F18": "a handler takes longer than the broker waits",
    "F19": "an event crashes every consumer that receives it",
    "F20": "a queue exists with other arguments",
    "F21": "the broker has lost everything",
    "F22": "the broker is replaced by one of another version",
    "F23": "PostgreSQL is restarted under load",
    "F24": "PostgreSQL is killed under load",
    "F25": "one service's database is down while events arrive",
    "F26": "there are no database connections left",
    "F27": "transactions collide and deadlock",
    "F28": "a database's disk is full",
    "F29": "the connection to the database is lost during the commit",
    "F30": "a transaction with an early outbox position commits late",
    "F31": "one service's database is set back by ten minutes",
    "F32": "each event is delivered three times, to two consumers at once",
    "F33": "an aggregate's versions arrive in any order",
    "F34": "messages that are not events, or break their contract",
    "F35": "an order arrives before its customer",
    "F36": "an event is published in another producer's name",
    "F37": "an event is repeated after the inbox has forgotten it",
    "F38": "dead letters are replayed after the repair",
    "F39": "a burst of events from the sales system",
    "F40": "the clock jumps past the weekly scan",
    "F41": "the clock goes back after the weekly scan",
    "F42": "nothing runs when the scan is due; then three processes start at once",
    "F43": "the clocks change in the hour of the scan",
    "F44": "the scan is killed half-way",
    "F45": "the clocks of two services differ",
    "F46": "twenty requests with one idempotency key; another body; another caller",
    "F47": "two people change the same version; a third names none",
    "F48": "one service hangs",
    "F49": "the auth service is down",
    "F50": "the signing key changes under load",
    "F51": "a migration is rolled out and back under load",
    "F52": "a migration is killed half-way",
    "F53": "everything is restored from a backup",
    "F54": "producer and consumer know different versions of an event",
}


@dataclass
class Outcome:
    """How the tests of one experiment ended."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0

    @property
    def label(self) -> str:
        """The label in the table."""
        if self.failed:
            return "failed"
        if self.passed:
            return "partly" if self.skipped else "passed"
        return "skipped" if self.skipped else "not run"


@dataclass(eq=False)  # pytest keeps its plugins in a set
class Selection:
    """A plugin of pytest: selects the tests of some experiments and records their outcomes."""

    wanted: frozenset[str]
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    _ids: dict[str, list[str]] = field(default_factory=dict)

    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        """Deselect the tests that belong to no wanted experiment."""
        kept: list[pytest.Item] = []
        left: list[pytest.Item] = []
        for item in items:
            ids = [i for mark in item.iter_markers("fault") for i in mark.args if i in self.wanted]
            self._ids[item.nodeid] = ids
            (kept if ids else left).append(item)
        config.hook.pytest_deselected(items=left)
        items[:] = kept

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Record the outcome of a test for each of its experiments."""
        for ident in self._ids[report.nodeid]:
            outcome = self.outcomes.setdefault(ident, Outcome())
            outcome.seconds += report.duration
            if report.failed:
                outcome.failed += 1
            elif report.skipped:
                outcome.skipped += 1
            elif report.when == "call":
                outcome.passed += 1


def run(wanted: Iterable[str]) -> tuple[int, dict[str, Outcome]]:
    """Run the tests of these experiments; return pytest's exit code and the outcomes."""
    selection = Selection(frozenset(wanted))
    code = int(pytest.main(["-p", "no:cacheprovider", "-m", "fault"], plugins=[selection]))
    return code, selection.outcomes
