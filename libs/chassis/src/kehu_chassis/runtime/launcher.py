"""Runs a WSGI application under gunicorn, and stops it without losing a request.

Requests are served by :mod:`kehu_chassis.runtime.server`, in which slow clients hold no thread. On
SIGTERM the master first *drains*: it sets a flag for all workers, and for a few seconds ``/readyz``
should return 503 (see :func:`draining`) and every response closes its connection; only then does
gunicorn stop. A second SIGTERM stops at once.

Send SIGTERM to the master only; a worker that receives it directly stops without draining.
"""

from __future__ import annotations

import dataclasses
import logging
import mmap
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.glogging import Logger

from kehu_chassis.config import DRAIN_SECONDS
from kehu_chassis.runtime import garbage
from kehu_chassis.runtime.server.limits import Limits as Limits
from kehu_chassis.runtime.server.limits import raise_file_limit
from kehu_chassis.runtime.server.serving import App as App

GRACEFUL_SECONDS = 15
MAX_BODY = 1024 * 1024
MAX_FIELDS = 100
MAX_FIELD_BYTES = 8190

# One byte of memory shared by the master and its workers; created by `run` before forking.
_flag: mmap.mmap | None = None


def draining() -> bool:
    """Whether this process is about to stop and should report itself as not ready (503)."""
    return _flag is not None and _flag[0] == 1


def run(
    app_factory: Callable[[], App],
    bind: str | Sequence[str],
    workers: int = 1,
    threads: int = 8,
    *,
    drain_seconds: float = DRAIN_SECONDS,
    limits: Limits | None = None,
) -> None:
    """Serve the application until SIGTERM; never returns.

    ``app_factory`` is called in each worker, after the fork.  ``bind`` is one ``host:port`` or
    several; connections are limited per address at the first only.  ``limits`` hold for each
    worker.
    """
    global _flag
    limits = limits or Limits(MAX_BODY)
    connections = min(limits.connections, raise_file_limit())
    limits = dataclasses.replace(limits, connections=connections)
    _flag = mmap.mmap(-1, 1)
    if workers > 1:
        _share_metrics()
    # It imports the metrics, which are shared only from here on.
    from kehu_chassis.runtime.server.worker import Worker

    options: dict[str, Any] = {
        "bind": [bind] if isinstance(bind, str) else list(bind),
        "workers": workers,
        "threads": threads,
        "worker_class": Worker,
        "worker_tmp_dir": "/dev/shm" if Path("/dev/shm").is_dir() else None,
        "graceful_timeout": GRACEFUL_SECONDS,
        "timeout": 60,
        "limit_request_line": 8190,
        "limit_request_fields": MAX_FIELDS,
        "limit_request_field_size": MAX_FIELD_BYTES,
        # No peer may set the scheme, SCRIPT_NAME or PATH_INFO by a header.
        "forwarded_allow_ips": "",
        "secure_scheme_headers": {},
        "forwarder_headers": "",
        "header_map": "drop",
        "control_socket_disable": True,
        "logger_class": _PropagatingLogger,
        "sendfile": False,
        "child_exit": _after_worker,
    }
    garbage.collect_rarely()
    _Application(app_factory, options, drain_seconds, limits).run()


def _share_metrics() -> None:
    """Let several workers share one set of metrics, in a folder for this start."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        return
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="kehu-metrics-")
    if "prometheus_client" in sys.modules:
        # It looks for the folder only when it is imported: restart.
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])


def _after_worker(arbiter: Any, worker: Any) -> None:
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        from prometheus_client import multiprocess

        multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


class _Application(BaseApplication):  # type: ignore[misc]
    def __init__(
        self,
        app_factory: Callable[[], App],
        options: dict[str, Any],
        drain_seconds: float,
        limits: Limits,
    ) -> None:
        self.limits = limits
        self.draining = draining
        self._app_factory = app_factory
        self._options = options
        self._drain_seconds = drain_seconds
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> App:
        return self._app_factory()

    def run(self) -> None:
        _DrainingArbiter(self, self._drain_seconds).run()


class _DrainingArbiter(Arbiter):  # type: ignore[misc]
    """Waits between SIGTERM and stopping, so that callers can move to other instances."""

    def __init__(self, app: _Application, drain_seconds: float) -> None:
        super().__init__(app)
        self._drain_seconds = drain_seconds

    def handle_term(self) -> None:
        if _flag is None or draining() or self._drain_seconds <= 0:
            super().handle_term()
            return
        _flag[0] = 1
        self.log.info("Draining for %s s", self._drain_seconds)
        # The timer queues the second SIGTERM; it is not inherited by workers.
        signal.signal(signal.SIGALRM, lambda *_: self.SIG_QUEUE.put_nowait(signal.SIGTERM))
        signal.setitimer(signal.ITIMER_REAL, self._drain_seconds)


class _PropagatingLogger(Logger):  # type: ignore[misc]
    """Sends gunicorn's messages to the root logger."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        self.error_log.propagate = True
        self.error_log.setLevel(logging.NOTSET)
        for handler in list(self.error_log.handlers):
            self.error_log.removeHandler(handler)
