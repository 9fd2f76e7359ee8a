"""The services of the workspace and their features, found by their folders."""

from collections.abc import Iterator
from pathlib import Path

from kehu_cli.catalogue import ROOT, module


def packages() -> dict[str, Path]:
    """Every package built like a service, by its name: those of the services and of the example."""
    found = sorted(path.parent for kind in ("services", "examples") for path in _projects(kind))
    return {module(folder.name): folder / "src" / module(folder.name) for folder in found}


def _projects(kind: str) -> Iterator[Path]:
    return ROOT.glob(f"{kind}/*/pyproject.toml")


def features() -> Iterator[tuple[str, Path]]:
    """The name and the folder of every feature of these packages."""
    for name, package in packages().items():
        for folder in sorted((package / "features").iterdir()):
            if (folder / "__init__.py").exists():
                yield f"{name}.features.{folder.name}", folder
