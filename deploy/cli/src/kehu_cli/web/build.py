"""Builds the web console beside the last build, and puts it in its place when it is complete."""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kehu_cli.catalogue import CONTRACTS, ROOT, USER_GUIDE
from kehu_cli.server import ServerError
from kehu_cli.web.node import CACHE, FOLDER, REQUIREMENTS, Npm, provide, report

DIST = FOLDER / "dist"
NEW, OLD = FOLDER / "dist.new", FOLDER / "dist.old"
STAMP = ".stamp"

# What is made from the sources, not a source.
MADE = {"node_modules", DIST.name, NEW.name, OLD.name, "generated"}


def sources() -> list[Path]:
    """Return every file that decides how the build turns out."""
    found = [REQUIREMENTS]
    for top in (FOLDER, CONTRACTS, USER_GUIDE):
        for folder, folders, files in os.walk(top):
            folders[:] = [name for name in folders if name not in MADE]
            found += [Path(folder, name) for name in files]
    return sorted(found)


def wanted_stamp() -> str:
    """Return a digest of sources, lock, contracts, user guide and the version of Node."""
    digest = hashlib.sha256()
    for path in sources():
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(ROOT)} {content}\n".encode())
    return digest.hexdigest()


def is_built() -> bool:
    """Return whether there is a build, of whatever sources."""
    return (DIST / "index.html").exists()


def is_current() -> bool:
    """Return whether the build is that of the present sources."""
    stamp = DIST / STAMP
    return is_built() and stamp.exists() and stamp.read_text() == wanted_stamp()


@contextmanager
def locked() -> Iterator[None]:
    """Let one command at a time install packages and build."""
    try:
        CACHE.parent.mkdir(exist_ok=True)
        lock = (CACHE.parent / "console.lock").open("w")
    except OSError as error:
        raise ServerError(f"{CACHE.parent} cannot be written ({error.strerror})") from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            report("waiting for another command that builds or checks the web console")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def build(npm: Npm | None = None) -> None:
    """Build, unless that is done; the caller holds the lock. A failure leaves the last build."""
    _recover()
    # Taken first: what changes during the build counts as changed after it.
    stamp = wanted_stamp()
    if is_current():
        return
    npm = npm or provide(tests=False)
    report("building the web console")
    run_script(npm, "build", KEHU_CONSOLE_OUT=NEW.name)
    (NEW / STAMP).write_text(stamp)
    _keep_assets(DIST, NEW)
    _replace()


def run_script(npm: Npm, name: str, **variables: str) -> None:
    """Run a script of package.json; its output goes to the terminal."""
    line = npm.command("run", "--silent", name)
    if subprocess.run(line, cwd=FOLDER, env=npm.environment(**variables)).returncode != 0:
        raise ServerError(f"{name} of the web console failed, see above")


def _keep_assets(last: Path, new: Path) -> None:
    """Copy the last build's own assets, which open pages may still load; not those it had kept."""
    manifest = last / ".vite" / "manifest.json"
    if not manifest.exists():
        return
    entries = json.loads(manifest.read_text()).values()
    files = {
        file
        for entry in entries
        for file in (entry["file"], *entry.get("css", ()), *entry.get("assets", ()))
    }
    for name in sorted(f"{file}{suffix}" for file in files for suffix in ("", ".br", ".gz")):
        if (last / name).exists() and not (new / name).exists():
            (new / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(last / name, new / name)


def _replace() -> None:
    """Put the new build in place of the last one."""
    if DIST.exists():
        DIST.rename(OLD)
    NEW.rename(DIST)
    shutil.rmtree(OLD, ignore_errors=True)


def _recover() -> None:
    """Put the last build back that a command killed in the middle of `_replace` left aside."""
    if OLD.exists() and not DIST.exists():
        OLD.rename(DIST)
    shutil.rmtree(OLD, ignore_errors=True)
