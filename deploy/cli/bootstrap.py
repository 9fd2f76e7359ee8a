"""Installs the requirements of `kehu` into .venv, once per lock, then becomes the command line.

The script `kehu` runs it with any Python from 3.11 on, before anything is installed: it uses the
standard library only. KEHU_VENV places the virtual environment elsewhere, for a read-only checkout.
"""

import fcntl
import hashlib
import os
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / "requirements" / "dev.txt"
VENV = Path(os.environ.get("KEHU_VENV") or ROOT / ".venv")
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "kehu-installed"
LOG = VENV / "kehu-install.log"


def main() -> NoReturn:
    """Install if needed and hand over to `python -m kehu_cli`."""
    stamp = wanted_stamp()
    if not is_installed(stamp):
        install_once(stamp)
    # -P: the working directory must not come first in the module search path.
    os.execv(PYTHON, [str(PYTHON), "-P", "-m", "kehu_cli", *sys.argv[1:]])


def packages() -> list[Path]:
    """Return the folders of this repository's own packages."""
    patterns = ("libs/*", "gateway", "services/*", "deploy/cli", "examples/*")
    return sorted(
        path.parent for pattern in patterns for path in ROOT.glob(f"{pattern}/pyproject.toml")
    )


def wanted_stamp() -> str:
    """Return a digest that changes whenever something has to be installed again."""
    digest = hashlib.sha256()
    for path in (LOCK, *(package / "pyproject.toml" for package in packages())):
        # The path counts too: a copied checkout must not run the original's code.
        digest.update(str(path).encode() + path.read_bytes())
    return digest.hexdigest()


def is_installed(stamp: str) -> bool:
    """Return whether the virtual environment is complete and can run."""
    return PYTHON.exists() and STAMP.exists() and STAMP.read_text() == stamp


def install_once(stamp: str) -> None:
    """Install under a lock, so that two concurrent first starts do not write into one folder."""
    os.umask(0o022)
    try:
        VENV.mkdir(parents=True, exist_ok=True)
        lock = (VENV / "kehu-install.lock").open("w")
    except OSError as error:
        fail(
            f"{VENV} cannot be written ({error.strerror}). "
            "Choose another folder: KEHU_VENV=/some/folder ./kehu ..."
        )
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if is_installed(stamp):
            return
        started = time.monotonic()
        LOG.unlink(missing_ok=True)
        make_environment()
        total = LOCK.read_text().count("==")
        report(f"installing {total} packages into {VENV} (once; about a minute)")
        pip("--require-hashes", "-r", str(LOCK), total=total)
        report("installing Kehu's own packages")
        editable = [argument for package in packages() for argument in ("-e", str(package))]
        pip("--no-deps", "--no-build-isolation", *editable)
        STAMP.write_text(stamp)
        report(f"installed in {time.monotonic() - started:.0f} s")


def make_environment() -> None:
    """Make the virtual environment, even where Debian's package python3-venv is missing."""
    if (
        PYTHON.exists()
        and subprocess.run([PYTHON, "-m", "pip", "--version"], capture_output=True).returncode == 0
    ):
        return
    report(f"making a virtual environment with Python {sys.version.split()[0]}")
    if find_spec("ensurepip"):
        run([sys.executable, "-m", "venv", str(VENV)])
    elif find_spec("pip"):
        run([sys.executable, "-m", "venv", "--without-pip", str(VENV)])
        run([sys.executable, "-m", "pip", "--python", str(PYTHON), "install", "pip"])
    else:
        fail(
            "this Python has neither ensurepip nor pip. "
            "On Debian or Ubuntu: apt-get install python3-venv"
        )


def pip(*arguments: str, total: int = 0) -> None:
    """Run `pip install` and show its progress."""
    command = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    run([*command, "--no-warn-script-location", *arguments], total=total)


def run(command: list[str], total: int = 0) -> None:
    """Run a command and log its output; on failure print the end of it and exit."""
    live = sys.stderr.isatty()
    seen = 0
    with (
        LOG.open("a") as log,
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as process,
    ):
        assert process.stdout is not None
        for line in process.stdout:
            log.write(line)
            if not total or not line.startswith(
                ("Collecting ", "Installing collected", "Requirement already")
            ):
                continue
            if line.startswith("Installing"):
                report("downloaded; unpacking")
                continue
            seen += 1
            if live:
                sys.stderr.write(
                    f"\r\033[K  {seen} of {total}: {line.split()[-1 if 'already' in line else 1]}"
                )
            elif seen % 20 == 0:
                report(f"  {seen} of {total}")
    if live and total:
        sys.stderr.write("\r\033[K")
    if process.returncode != 0:
        tail = "".join(f"  {line}\n" for line in LOG.read_text().splitlines()[-15:])
        fail(f"this failed: {' '.join(command[:8])} ...\n{tail}Full log: {LOG}")


def report(text: str) -> None:
    """Print a message to stderr: stdout belongs to the command."""
    print(f"kehu: {text}", file=sys.stderr, flush=True)


def fail(text: str) -> NoReturn:
    """Exit with a message."""
    report(text)
    sys.exit(1)


if __name__ == "__main__":
    main()
