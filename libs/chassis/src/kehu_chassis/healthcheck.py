"""Whether the process of this container is alive and ready: the HEALTHCHECK of the images.

Run as ``python -S -m kehu_chassis.healthcheck``. It imports next to nothing, as every container
runs it every few seconds.
"""

from __future__ import annotations

import os
import socket
import sys

PATHS = ("/healthz", "/readyz")
TIMEOUT_SECONDS = 4


def main() -> int:
    """Query the probe address; prints the response of an unhealthy process."""
    port = int(os.environ["KEHU_PROBE_BIND"].rpartition(":")[2])
    for path in PATHS:
        response = _get(port, path)
        if not response.startswith(b"HTTP/1.") or response[9:12] != b"200":
            print(path, response.decode("latin-1"))
            return 1
    return 0


def _get(port: int, path: str) -> bytes:
    request = f"GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n"
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_SECONDS) as connection:
            connection.sendall(request.encode())
            response = b""
            while piece := connection.recv(4096):
                response += piece
    except OSError as error:
        return str(error).encode()
    return response


if __name__ == "__main__":
    sys.exit(main())
