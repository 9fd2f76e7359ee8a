"""Brings the services to agree after a restore, and reports where they do not.

Every service publishes its recent events again, so that others handle what they missed, and the
current state of every record, which repairs replicas. Repeated events change nothing.
"""

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from tempfile import TemporaryFile

from kehu_chassis.texts import counted
from kehu_cli.catalogue import SERVICES
from kehu_cli.operations import versions
from kehu_cli.operations.installation import Installation
from kehu_cli.operations.versions import Comparison

# How long an event may have been in transit or in a queue when the backup was taken.
MARGIN = timedelta(days=1)

# No event takes longer than this through the broker without any progress.
PATIENCE_SECONDS = 60


@dataclass(frozen=True)
class Findings:
    """How many events are not published yet, and every comparison."""

    waiting: int
    comparisons: tuple[Comparison, ...]

    @property
    def agree(self) -> bool:
        """Whether nothing is left to do."""
        return not self.waiting and not any(found.differs for found in self.comparisons)

    def lasting_since(self, before: "Findings") -> "Findings":
        """Return the differences that have not changed: others are events in transit."""
        pairs = zip(self.comparisons, before.comparisons, strict=True)
        return replace(self, comparisons=tuple(now.lasting_since(then) for now, then in pairs))


def emit(installation: Installation, since: datetime) -> None:
    """Make every service publish its events since then, and the state of all its records."""
    in_every_service(installation, "replay", "--since", (since - MARGIN).isoformat())
    in_every_service(installation, "resync")


def in_every_service(installation: Installation, *arguments: str) -> None:
    """Run an operator command of each service, all at once."""
    with ThreadPoolExecutor(max_workers=len(SERVICES)) as pool:
        list(pool.map(lambda service: installation.command(service, *arguments), SERVICES))


def wait(installation: Installation, report: Callable[[str], None]) -> Findings:
    """Compare until all agree, or until the differences have not changed for a minute."""
    before = lasting = compare(installation)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not lasting.agree and time.monotonic() < deadline:
        different = sum(comparison.differs for comparison in lasting.comparisons)
        report(
            f"{counted(lasting.waiting, 'event')} to publish, {counted(different, 'difference')}"
        )
        time.sleep(1)
        now = compare(installation)
        still = now.lasting_since(before)
        if still != lasting:
            deadline = time.monotonic() + PATIENCE_SECONDS
        before, lasting = now, still
    return lasting


def compare(installation: Installation) -> Findings:
    """Compare each owner of records with each of their readers."""
    with ExitStack() as stack:
        # Files, as a service may have millions of records.
        printed = {service: stack.enter_context(TemporaryFile("w+")) for service in SERVICES}
        with ThreadPoolExecutor(max_workers=len(SERVICES)) as pool:
            list(pool.map(lambda s: installation.command(s, "versions", into=printed[s]), SERVICES))
        for file in printed.values():
            file.seek(0)
        waiting = sum(json.loads(file.readline())["waiting"] for file in printed.values())
        return Findings(waiting, versions.compare(printed))
