"""``/healthz``, ``/readyz`` and ``/metrics`` of processes without an HTTP API."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from sqlalchemy.exc import SQLAlchemyError

from kehu_chassis.data.database import Database
from kehu_chassis.observability import metrics
from kehu_chassis.observability.exposition import CONTENT_TYPE, exposition
from kehu_chassis.runtime import database_metrics, migrate
from kehu_chassis.runtime.service import Service

log = logging.getLogger(__name__)

STALLED_SECONDS = 60
CLIENT_SECONDS = 5.0  # for a client to send a request, which has a thread meanwhile
_SHARED_LOGIN = "KEHU_AMQP_SHARED_LOGIN: all services share one login of the broker"


class Probes:
    """The probe results of one background process.

    Live means progress: a process is not live if a loop has not completed a round for a minute.
    Ready means that the schema is not older than the code; the text mentions a login of the broker
    that all services share.
    """

    def __init__(
        self,
        service: Service,
        database: Database,
        loops: list[str],
        *,
        shared_login: bool = False,
    ) -> None:
        self._ready = f"ready ({_SHARED_LOGIN})\n" if shared_login else "ready\n"
        self._service = service
        self._database = database
        self._readiness = migrate.Readiness(service, database)
        self._loops = loops
        self._started = time.time()

    def health(self) -> tuple[int, str]:
        """Liveness."""
        for loop in self._loops:
            last = self._progress(loop) or self._started
            if time.time() - last > STALLED_SECONDS:
                return 503, f"{loop} has made no progress for {STALLED_SECONDS} s\n"
        return 200, "ok\n"

    def readiness(self) -> tuple[int, str]:
        """Readiness; the broker is not checked, as its outages are waited out."""
        reason = self._readiness.reason()
        return (503, f"{reason}\n") if reason else (200, self._ready)

    def metrics(self) -> bytes:
        """All metrics, including those read from the database now."""
        try:
            database_metrics.measure(self._service, self._database)
        except SQLAlchemyError:
            log.warning("database metrics cannot be read: the database cannot be reached")
        return exposition()

    def _progress(self, loop: str) -> float:
        value: float = metrics.PROGRESS.labels(loop)._value.get()
        return value


def serve(probes: Probes, bind: str) -> ThreadingHTTPServer:
    """Serve probes on ``host:port`` from a daemon thread."""
    handlers: dict[str, Callable[[], tuple[int, str | bytes, str]]] = {
        "/healthz": lambda: (*probes.health(), "text/plain"),
        "/readyz": lambda: (*probes.readiness(), "text/plain"),
        "/metrics": lambda: (200, probes.metrics(), CONTENT_TYPE),
    }

    class Handler(BaseHTTPRequestHandler):
        timeout = CLIENT_SECONDS

        def do_GET(self) -> None:
            handler = handlers.get(self.path)
            status, body, kind = handler() if handler else (404, "not found\n", "text/plain")
            payload = body if isinstance(body, bytes) else body.encode()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)

        def log_message(self, format: str, *args: object) -> None:
            """Log nothing for probes."""

    host, port = bind.rsplit(":", 1)
    server = ThreadingHTTPServer((host, int(port)), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, name="probes", daemon=True).start()
    return server
