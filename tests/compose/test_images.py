"""How much of an image a change rebuilds."""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kehu_cli.catalogue import ROOT
from tests.support.compose import BASE_IMAGES, Installation, docker

CONTEXT = (
    ".dockerignore", "deploy/Dockerfile", "requirements/runtime.txt", "contracts",
    "libs/chassis/src", "services/customer",
)  # fmt: skip
Build = Callable[[], list[str]]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the sources of customer's image."""
    for name in CONTEXT:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy2
        copy(ROOT / name, tmp_path / name)
    return tmp_path


@pytest.fixture
def build(built: Installation, checkout: Path) -> Iterator[Build]:
    """Builds the image of the copy; returns the digests of its layers, base first."""
    python = os.environ.get("PYTHON_TAG") or BASE_IMAGES["python"]
    tags: list[str] = []

    def run() -> list[str]:
        tags.append(f"kehu-test-{secrets.token_hex(3)}:image")
        docker(
            *("build", "--file", str(checkout / "deploy/Dockerfile"), "--tag", tags[-1]),
            *("--build-arg", f"PYTHON_TAG={python}", "--build-arg", "ROOM=services/customer"),
            str(checkout),
        )
        layers: list[str] = json.loads(
            docker("inspect", "--format", "{{json .RootFS.Layers}}", tags[-1])
        )
        return layers

    yield run
    docker("rmi", *tags)


def test_a_changed_source_rebuilds_only_the_layer_of_our_code(build: Build, checkout: Path) -> None:
    """The packages are not installed again: a second installation would have another digest."""
    before = build()
    for name in (
        "libs/chassis/src/kehu_chassis/clock.py",
        "services/customer/src/kehu_customer/app.py",
    ):
        with (checkout / name).open("a") as source:
            source.write("# changed\n")
    after = build()
    assert len(after) == len(before)
    assert len(set(after) - set(before)) == 1
