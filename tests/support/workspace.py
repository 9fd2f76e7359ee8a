"""The services of the workspace and their features, as their folders say."""

from collections.abc import Iterator
from pathlib import Path

from kehu_cli.catalogue import ROOT, SERVICES, module


def package(service: str) -> Path:
    """Where the code of a service lies."""
    return ROOT / "services" / service / "src" / module(service)


def features() -> Iterator[tuple[str, Path]]:
    """Every feature of every service: the name of its package, and its folder."""
    for service in SERVICES:
        for folder in sorted((package(service) / "features").iterdir()):
            if (folder / "__init__.py").exists():
                yield f"{module(service)}.features.{folder.name}", folder
