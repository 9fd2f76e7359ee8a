"""Bringing the services to agree after a restore, and showing where they do not.

Every service sends again what it sent lately, which makes others do what they had not done yet, and
the present state of every record, which mends replicas. What was done or is known already changes
nothing.
"""

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from tempfile import TemporaryFile

from kehu_cli.catalogue import SERVICES
from kehu_cli.operations import versions
from kehu_cli.operations.installation import Installation
from kehu_cli.operations.versions import Comparison

# How long an event may have been under way, or waited in a queue, when the backup was taken.
MARGIN = timedelta(days=1)

# Nothing that takes its way through the broker stands still for so long.
PATIENCE_SECONDS = 60


@dataclass(frozen=True)
class Findings:
    """What the services say: how many events are yet to be sent, and every comparison."""

    waiting: int
    comparisons: tuple[Comparison, ...]

    @property
    def agree(self) -> bool:
        """Whether nothing is left to do."""
        return not self.waiting and not any(found.differs for found in self.comparisons)

    def lasting_since(self, before: "Findings") -> "Findings":
        """Return what has not changed; while people work, something is always under way."""
        pairs = zip(self.comparisons, before.comparisons, strict=True)
        return replace(self, comparisons=tuple(now.lasting_since(then) for now, then in pairs))


def emit(installation: Installation, since: datetime) -> None:
    """Let every service send again what it sent since then, and the state of all its records."""
    in_every_service(installation, "replay", "--since", (since - MARGIN).isoformat())
    in_every_service(installation, "resync")


def in_every_service(installation: Installation, *arguments: str) -> None:
    """Run an operator command of each service, all at once."""
    with ThreadPoolExecutor(max_workers=len(SERVICES)) as pool:
        list(pool.map(lambda service: installation.command(service, *arguments), SERVICES))


def wait(installation: Installation, say: Callable[[str], None]) -> Findings:
    """Compare until all agree, or until what differs has not changed for a minute."""
    before = lasting = compare(installation)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not lasting.agree and time.monotonic() < deadline:
        different = sum(comparison.differs for comparison in lasting.comparisons)
        say(f"{lasting.waiting} events to be sent, {different} differences")
        time.sleep(1)
        now = compare(installation)
        still = now.lasting_since(before)
        if still != lasting:
            deadline = time.monotonic() + PATIENCE_SECONDS
        before, lasting = now, still
    return lasting


def compare(installation: Installation) -> Findings:
    """Compare each owner of records with each of their readers, as they are now."""
    with ExitStack() as stack:
        # Files, as a service may have millions of records.
        printed = {service: stack.enter_context(TemporaryFile("w+")) for service in SERVICES}
        with ThreadPoolExecutor(max_workers=len(SERVICES)) as pool:
            list(pool.map(lambda s: installation.command(s, "versions", into=printed[s]), SERVICES))
        for file in printed.values():
            file.seek(0)
        waiting = sum(json.loads(file.readline())["waiting"] for file in printed.values())
        return Findings(waiting, versions.compare(printed))
