"""Whether the processes of a stack can be used."""

import urllib.error
import urllib.request
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from kehu_cli.stack import postgres
from kehu_cli.stack.stack import Stack

# A proxy set in the environment is not for this machine's loopback.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def is_ready(stack: Stack, process: str) -> bool:
    """Return whether one process can be used."""
    if process == "postgres":
        return postgres.is_ready(stack.superuser_url)
    if process == "rabbitmq":
        return stack.broker_is_ready()
    return answers(f"{stack.address(process)}/readyz")


def answers(url: str) -> bool:
    """Return whether the address answers 200."""
    try:
        with _opener.open(url, timeout=3) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def ready(stack: Stack, processes: Sequence[str]) -> dict[str, bool]:
    """Ask several processes at once, so that slow ones do not add up."""
    with ThreadPoolExecutor(max_workers=len(processes) or 1) as pool:
        answers = pool.map(lambda process: is_ready(stack, process), processes)
        return dict(zip(processes, answers, strict=True))
