"""The embedded PostgreSQL of a stack, run by a test; it ends with the process that started it."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kehu_cli.ports import LOOPBACK, private_port
from kehu_cli.stack import postgres
from tests.support.guarded import GuardedProcess, wait_until


class PostgresServer:
    """A running server; also a context manager that stops it."""

    host = LOOPBACK

    def __init__(self, state_dir: Path, *, port: int, durable: bool) -> None:
        self.port = port
        self.superuser_url = postgres.superuser_url(state_dir, port)
        log = state_dir / "postgres.log"
        self._process = GuardedProcess(postgres.command(state_dir, port, durable=durable), log)
        try:
            wait_until(
                lambda: postgres.is_ready(self.superuser_url),
                self._process.is_running,
                "PostgreSQL",
                log,
            )
        except BaseException:
            self._process.stop()
            raise

    @property
    def pid(self) -> int:
        """The process id of the server itself."""
        return self._process.pid

    def stop(self) -> None:
        """Stop the server; its data stays."""
        self._process.stop()

    def kill(self) -> None:
        """Kill the server, as a crash would."""
        self._process.kill()

    def __enter__(self) -> "PostgresServer":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def start(state_dir: Path, *, durable: bool = True, port: int | None = None) -> PostgresServer:
    """Start a server with its data in `state_dir`; the first start creates the data."""
    postgres.prepare(state_dir, durable=durable)
    return PostgresServer(state_dir, port=port or private_port(), durable=durable)


@contextmanager
def temporary(inside: Path | None = None) -> Iterator[PostgresServer]:
    """Run a server with temporary data, in a new folder inside the given one."""
    folder = Path(tempfile.mkdtemp(prefix="kehu-postgres-", dir=inside))
    try:
        with start(folder, durable=False) as server:
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)
