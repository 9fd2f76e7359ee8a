"""An HTTP server of the launcher as a process of its own, with real sockets."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

from chassis_support.waiting import until

PROGRAM = """
import os, sys, threading
from kehu_chassis.runtime import launcher
from kehu_chassis.runtime.server import crowd, outlet, phases, traffic

released = threading.Event()

class Application:
    def __call__(self, environ, start_response):
        path = environ["PATH_INFO"]
        if path == "/fails":
            raise RuntimeError("this text must not be shown")
        if path == "/bad-header":
            start_response("200 OK", [("X-Bad", "a\\nb")])
            return [b""]
        if path == "/hangs":
            released.wait()
        if path == "/large":
            pieces = int(environ["QUERY_STRING"])
            start_response("200 OK", [])
            return (b"%07d\\n" % number * 8192 for number in range(pieces))
        if path == "/breaks":
            start_response("200 OK", [])
            return breaks()
        if path == "/file":
            file = open(environ["QUERY_STRING"], "rb")
            size = os.stat(file.name).st_size
            start_response("200 OK", [("Content-Length", str(size))])
            return environ["wsgi.file_wrapper"](file)
        status = "200 OK"
        if path == "/readyz" and launcher.draining():
            status = "503 Service Unavailable"
        body = environ["wsgi.input"].read()
        script = environ["SCRIPT_NAME"]
        response = f"{path} {script} {environ['wsgi.url_scheme']} {len(body)}".encode()
        start_response(status, [("Content-Length", str(len(response)))])
        return [response]

class Screening(Application):
    def screen(self, environ, start_response):
        if environ["PATH_INFO"] != "/forbidden":
            return None
        start_response("403 Forbidden", [("Content-Length", "0")])
        return [b""]

def breaks():
    yield b"some of it"
    raise RuntimeError("this text must not be shown")

options = {"application": Application, "limits": None, "threads": 1}
exec(sys.argv[4], globals(), options)
launcher.run(
    options["application"],
    sys.argv[1],
    workers=int(sys.argv[2]),
    threads=options["threads"],
    drain_seconds=float(sys.argv[3]),
    limits=options["limits"],
)
"""
DEADLINE = 15.0


class Process:
    """A server with one thread, so that anything that occupies a thread shows at once.

    ``given`` is a statement that is executed before the start, to change limits.
    """

    def __init__(
        self, log: Path, *, drain_seconds: str = "0", workers: int = 1, given: str = ""
    ) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.log = log
        with log.open("wb") as stream:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-c", PROGRAM),
                    *(f"127.0.0.1:{self.port}", str(workers), drain_seconds, given),
                ],
                stdout=stream,
                stderr=stream,
                start_new_session=True,
            )
        until(self.is_ready)

    def is_ready(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        with contextlib.suppress(OSError):
            return self.get("/readyz")[0] == 200
        return False

    def get(self, path: str, **headers: str) -> tuple[int, str | None, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=DEADLINE)
        with contextlib.closing(connection):
            connection.request("GET", path, headers=headers)
            response = connection.getresponse()
            return response.status, response.headers["Connection"], response.read()

    def connect(
        self, source: str = "127.0.0.1", receive_buffer: int | None = None
    ) -> socket.socket:
        """A connection from this address, whose kernel buffers so much that is not read."""
        sock = socket.socket()
        if receive_buffer is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        sock.settimeout(DEADLINE)
        sock.bind((source, 0))
        sock.connect(("127.0.0.1", self.port))
        return sock

    def raw(self, data: bytes) -> bytes:
        """Everything received in response to these bytes until the connection closes."""
        with self.connect() as sock, contextlib.suppress(ConnectionResetError):
            sock.sendall(data)
            return read_all(sock)
        return b""

    def stop(self) -> int:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        return self.process.wait(DEADLINE)


def read_all(sock: socket.socket) -> bytes:
    """Everything until the server closes the connection, or resets it."""
    collected = b""
    with contextlib.suppress(ConnectionResetError):
        while piece := sock.recv(65536):
            collected += piece
    return collected


def read_until(sock: socket.socket, text: bytes) -> None:
    collected = b""
    while text not in collected:
        piece = sock.recv(65536)
        assert piece, collected
        collected += piece
