"""What the system consists of: the services, in the order in which a reader thinks of them."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[4]
CONTRACTS = ROOT / "contracts"
ASYNCAPI = CONTRACTS / "asyncapi.yaml"
DEFINITIONS = ROOT / "deploy" / "rabbitmq" / "definitions.json"
OBSERVABILITY = ROOT / "deploy" / "observability"
CHART_FILES = ROOT / "deploy" / "helm" / "kehu" / "files"
DATABASES = ROOT / "deploy" / "postgres" / "databases.sql"

SERVICES = ("auth", "marketing", "customer", "service-desk", "reporting")
SALES_LOGIN = "sales"


def module(service: str) -> str:
    """Return the Python module that `python -m` runs for a service or for the gateway."""
    return f"kehu_{service.replace('-', '_')}"
