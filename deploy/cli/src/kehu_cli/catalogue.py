"""What the system consists of: services, each a folder, and the files that belong to all."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[4]
CONTRACTS = ROOT / "contracts"
ASYNCAPI = CONTRACTS / "asyncapi.yaml"
DEFINITIONS = ROOT / "deploy" / "rabbitmq" / "definitions.json"
OBSERVABILITY = ROOT / "deploy" / "observability"
CHART_FILES = ROOT / "deploy" / "helm" / "kehu" / "files"
DATABASES = ROOT / "deploy" / "postgres" / "databases.sql"

SERVICES = tuple(sorted(path.parent.name for path in ROOT.glob("services/*/pyproject.toml")))
SALES_LOGIN = "sales"


def module(service: str) -> str:
    """Return the Python module that `python -m` runs for a service or for the gateway."""
    return f"kehu_{service.replace('-', '_')}"


def python_command(name: str, *arguments: str) -> list[str]:
    """Return how to run a command of a service or of the gateway with this Python."""
    # -P: the working directory is the checkout, whose folders must not be taken for modules.
    return [sys.executable, "-P", "-m", module(name), *arguments]
