"""Stops processes that a stack left behind because its supervisord was killed."""

import contextlib
import signal
from pathlib import Path

import psutil

# Set for every process of a stack, to the stack's state directory.
MARKER = "KEHU_STACK"


def find(folder: Path) -> list[psutil.Process]:
    """Return the processes of the stack in this state directory, whatever their parent is now."""
    found = [process for process in psutil.process_iter() if _is_marked(process, folder)]
    # PostgreSQL writes its title over its environment, so it is found by its own file.
    with contextlib.suppress(OSError, ValueError, psutil.Error):
        lines = (folder / "postgres" / "postmaster.pid").read_text().splitlines()
        server = psutil.Process(int(lines[0]))
        if str(folder / "postgres") in " ".join(server.cmdline()):
            found.append(server)
    return found


def end(folder: Path) -> int:
    """Stop these processes, the servers properly; return how many there were."""
    processes = find(folder)
    for process in processes:
        with contextlib.suppress(psutil.Error):
            is_postgres = process.name() == "postgres"
            process.send_signal(signal.SIGINT if is_postgres else signal.SIGTERM)
    _, alive = psutil.wait_procs(processes, timeout=30)
    for process in alive:
        with contextlib.suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(alive, timeout=5)
    return len(processes)


def _is_marked(process: psutil.Process, folder: Path) -> bool:
    try:
        return process.environ().get(MARKER) == str(folder)
    except (psutil.Error, OSError):
        return False
