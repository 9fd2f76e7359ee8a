"""Whether the process of this container is alive and ready: the HEALTHCHECK of the images.

Run as ``python -S -m kehu_chassis.healthcheck``. It imports next to nothing, as every container
runs it all the time.
"""

from __future__ import annotations

import os
import socket
import sys

PATHS = ("/healthz", "/readyz")
TIMEOUT_SECONDS = 4


def main() -> int:
    """Ask the probe address; the last words of a process that is not well are printed."""
    port = int(os.environ["KEHU_PROBE_BIND"].rpartition(":")[2])
    for path in PATHS:
        answer = _get(port, path)
        if not answer.startswith(b"HTTP/1.") or answer[9:12] != b"200":
            print(path, answer.decode("latin-1"))
            return 1
    return 0


def _get(port: int, path: str) -> bytes:
    request = f"GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n"
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_SECONDS) as connection:
            connection.sendall(request.encode())
            answer = b""
            while piece := connection.recv(4096):
                answer += piece
    except OSError as error:
        return str(error).encode()
    return answer


if __name__ == "__main__":
    sys.exit(main())
