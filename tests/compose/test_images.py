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
    # An engine without BuildKit builds the stages that are not used, too.
    "requirements/console.txt", "gateway/console", "docs/user-guide",
)  # fmt: skip
MADE = shutil.ignore_patterns("node_modules", "dist", "generated")
Build = Callable[[], list[str]]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the sources of customer's image."""
    for name in CONTEXT:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, tmp_path / name, ignore=MADE)
        else:
            shutil.copy2(ROOT / name, tmp_path / name)
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


def test_only_the_gateway_contains_the_web_console_and_no_image_its_tools(
    built: Installation,
) -> None:
    console = files(built, "gateway", "/kehu/console")
    assert {"index.html", "routes.json", "THIRD_PARTY.txt", "assets"} <= console
    assert files(built, "customer", "/kehu/console") == set()
    assert files(built, "gateway", "/kehu/gateway") == {"src"}
    assert not files(built, "gateway", "/") & {"node", "console"}


def files(built: Installation, name: str, folder: str) -> set[str]:
    """The names in a folder of an image."""
    version = built.values.get("KEHU_VERSION", "dev")
    image = f"kehu/{name}:{version}"
    return set(docker("run", "--rm", "--entrypoint", "ls", image, folder).split())
