"""Readiness of the processes of a stack."""

import urllib.error
import urllib.request
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from kehu_cli.stack import postgres
from kehu_cli.stack.stack import Stack

# Without the proxies of the environment, which do not apply to loopback.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def is_ready(stack: Stack, process: str) -> bool:
    """Return whether one process is ready."""
    if process == "postgres":
        return postgres.is_ready(stack.superuser_url)
    if process == "rabbitmq":
        return stack.broker_is_ready()
    return responds(f"{stack.address(process)}/readyz")


def responds(url: str) -> bool:
    """Return whether the address responds with 200."""
    try:
        with _opener.open(url, timeout=3) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def ready(stack: Stack, processes: Sequence[str]) -> dict[str, bool]:
    """Probe several processes at once, so that slow ones do not add up."""
    with ThreadPoolExecutor(max_workers=len(processes) or 1) as pool:
        results = pool.map(lambda process: is_ready(stack, process), processes)
        return dict(zip(processes, results, strict=True))
