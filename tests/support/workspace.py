"""The services of the workspace and their features, as their folders say."""

from collections.abc import Iterator
from pathlib import Path

from kehu_cli.catalogue import ROOT, SERVICES, module


def packages() -> dict[str, Path]:
    """Every package that is built as a service is, by its name: the services' and the example's."""
    services = {module(name): ROOT / "services" / name / "src" / module(name) for name in SERVICES}
    examples = {path.name: path for path in sorted(ROOT.glob("examples/*/src/kehu_*_example"))}
    return services | examples


def features() -> Iterator[tuple[str, Path]]:
    """Every feature of every such package: the name of its package, and its folder."""
    for name, package in packages().items():
        for folder in sorted((package / "features").iterdir()):
            if (folder / "__init__.py").exists():
                yield f"{name}.features.{folder.name}", folder
