"""What the servers, PostgreSQL and RabbitMQ, have in common: a command line and a log."""

from dataclasses import dataclass, field
from pathlib import Path


class ServerError(Exception):
    """A failure of a server or of a tool; the text says what to do."""


@dataclass(frozen=True)
class Command:
    """How to run a server in the foreground: under a guard in tests, under the supervisor else."""

    arguments: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    user: str | None = None
    stop_signal: str = "TERM"
    afterwards: list[str] = field(default_factory=list)


def tail(log: Path, lines: int = 20) -> str:
    """Return the last lines of a log file, indented."""
    try:
        text = log.read_text(errors="replace")
    except FileNotFoundError:
        return "  (nothing was logged)"
    return "\n".join(f"  {line}" for line in text.splitlines()[-lines:]) or "  (nothing was logged)"
