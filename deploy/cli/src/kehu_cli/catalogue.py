"""The parts of the system: the services, one folder each, and the files they share."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[4]
CONTRACTS = ROOT / "contracts"
ASYNCAPI = CONTRACTS / "asyncapi.yaml"
DEFINITIONS = ROOT / "deploy" / "rabbitmq" / "definitions.json"
OBSERVABILITY = ROOT / "deploy" / "observability"
USER_GUIDE = ROOT / "docs" / "user-guide"
CHART_FILES = ROOT / "deploy" / "helm" / "kehu" / "files"
DATABASES = ROOT / "deploy" / "postgres" / "databases.sql"

SERVICES = tuple(sorted(path.parent.name for path in ROOT.glob("services/*/pyproject.toml")))
SALES_LOGIN = "sales"


def module(service: str) -> str:
    """Return the Python module of a service or of the gateway, for `python -m`."""
    return f"kehu_{service.replace('-', '_')}"


def python_command(name: str, *arguments: str) -> list[str]:
    """Return the command line that runs a command of a service or of the gateway."""
    # -P: the working directory is the checkout, whose folders must not be imported as modules.
    return [sys.executable, "-P", "-m", module(name), *arguments]
