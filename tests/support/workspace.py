"""The services of the workspace and their features, found by their folders."""

from collections.abc import Iterator
from pathlib import Path

from kehu_cli.catalogue import ROOT, SERVICES, module


def packages() -> dict[str, Path]:
    """Every package built like a service, by its name: those of the services and of the example."""
    services = {module(name): ROOT / "services" / name / "src" / module(name) for name in SERVICES}
    examples = {path.name: path for path in sorted(ROOT.glob("examples/*/src/kehu_*_example"))}
    return services | examples


def features() -> Iterator[tuple[str, Path]]:
    """The name and the folder of every feature of these packages."""
    for name, package in packages().items():
        for folder in sorted((package / "features").iterdir()):
            if (folder / "__init__.py").exists():
                yield f"{name}.features.{folder.name}", folder
