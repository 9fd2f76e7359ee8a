"""RabbitMQ from Debian's or Ubuntu's package: installed by root, unpacked by other users."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kehu_cli.catalogue import ROOT
from kehu_cli.server import ServerError
from kehu_cli.stack import rabbitmq_node

PACKAGE = "rabbitmq-server"
UNPACKED = ROOT / ".kehu" / "packages"
POLICY = Path("/usr/sbin/policy-rc.d")


def can_install() -> bool:
    """Return whether this machine has Debian's package tools."""
    return bool(shutil.which("apt-get") and shutil.which("dpkg"))


def install() -> rabbitmq_node.Installation:
    """Install or unpack the package and return the installation."""
    if os.geteuid() == 0:
        _report("installing RabbitMQ with apt-get (once; about a minute)")
        _install_as_root()
        found = rabbitmq_node.find()
    else:
        found = rabbitmq_node.find(UNPACKED / "root") or _unpack()
    if found is None:
        raise ServerError(f"the package {PACKAGE} was installed, but no server was found in it")
    return found


def _install_as_root() -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    _run(["apt-get", "update"], environment)
    with _no_services():
        _run(
            ["apt-get", "install", "--yes", "--no-install-recommends", PACKAGE, "erlang-base"],
            environment,
        )


@contextmanager
def _no_services() -> Iterator[None]:
    """Prevent the package from starting a system service: we run a private node."""
    if POLICY.exists():
        yield
        return
    POLICY.write_text("#!/bin/sh\nexit 101\n")
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink()


def _unpack() -> rabbitmq_node.Installation | None:
    """Download and unpack the package with its missing dependencies."""
    _report("getting RabbitMQ with apt-get, unpacked below .kehu (once; about a minute)")
    downloads, unfinished = UNPACKED / "downloads", UNPACKED / "unfinished"
    for folder in (UNPACKED / "lists" / "partial", UNPACKED / "cache", downloads):
        folder.mkdir(parents=True, exist_ok=True)
    # Our own package lists: the system's may be missing, and only root may fetch them.
    apt = [
        "apt-get",
        *(
            "-o",
            f"Dir::State::Lists={UNPACKED / 'lists'}",
            "-o",
            f"Dir::Cache={UNPACKED / 'cache'}",
        ),
        *("-o", "Debug::NoLocking=1", "-o", "APT::Sandbox::User="),
    ]
    _run([*apt, "update"])
    plan = _run([*apt, "--simulate", "--no-install-recommends", "install", PACKAGE])
    missing = re.findall(r"^Inst (\S+)", plan, flags=re.MULTILINE)
    _run([*apt, "download", *missing], folder=downloads)
    shutil.rmtree(unfinished, ignore_errors=True)
    for archive in sorted(downloads.glob("*.deb")):
        _run(["dpkg", "-x", str(archive), str(unfinished)])
    _make_erlang_relocatable(unfinished / "usr/lib/erlang/bin/erl")
    unfinished.rename(UNPACKED / "root")
    shutil.rmtree(downloads)
    return rabbitmq_node.find(UNPACKED / "root")


def _make_erlang_relocatable(script: Path) -> None:
    """Make the packaged script use ERL_ROOTDIR, which Debian's build replaces by a fixed path."""
    fixed = "ROOTDIR=/usr/lib/erlang"
    script.write_text(
        script.read_text().replace(fixed, 'ROOTDIR="${ERL_ROOTDIR:-/usr/lib/erlang}"')
    )


def _run(
    command: list[str], environment: dict[str, str] | None = None, folder: Path | None = None
) -> str:
    result = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True)
    if result.returncode != 0:
        output = (result.stdout + result.stderr).splitlines()[-10:]
        raise ServerError(
            f"RabbitMQ could not be installed: {' '.join(command)}\n" + "\n".join(output)
        )
    return result.stdout


def _report(text: str) -> None:
    print(f"kehu: {text}", file=sys.stderr, flush=True)
