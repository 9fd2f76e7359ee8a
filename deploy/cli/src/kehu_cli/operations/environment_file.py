"""The `.env` of docker-compose.yml: random secrets, made once and kept."""

import hashlib
import json
import secrets
from collections.abc import Callable
from pathlib import Path

from kehu_cli.catalogue import DEFINITIONS, SALES_LOGIN, SERVICES
from kehu_cli.ports import public_port
from kehu_cli.private_files import write_private
from kehu_cli.stack import rabbitmq_definitions
from kehu_cli.stack.rabbitmq_definitions import ADMINISTRATOR

GATEWAY_PORT, AMQP_PORT = 8080, 5672

HEAD = """\
# Secrets and choices of docker-compose.yml, made by `./kehu env`. Keep it, and keep it to yourself:
# the passwords are in the databases. Other choices may be added: see docs/operations/README.md.
"""


def write(path: Path) -> dict[str, str]:
    """Add what the file lacks, keep what it has, and render the broker's definitions beside it."""
    values = read(path)
    missing = {name: make() for name, make in _variables().items() if name not in values}
    values |= missing
    definitions = path.with_name(f"{path.name}.definitions.json").resolve()
    made = {
        "RABBITMQ_DEFINITIONS": str(definitions),
        "RABBITMQ_DEFINITIONS_DIGEST": _digest(values),
    }
    passwords = {login: values[amqp_variable(login)] for login in _logins()}
    rabbitmq_definitions.render(definitions, DEFINITIONS, passwords)
    lines = path.read_text().splitlines() if path.exists() else HEAD.splitlines()
    lines = [line for line in lines if line.partition("=")[0] not in made]
    lines += [f"{name}={value}" for name, value in (missing | made).items()]
    write_private(path, "\n".join(lines) + "\n")
    return values | made


def read(path: Path) -> dict[str, str]:
    """Return the variables of the file; none if there is no file."""
    if not path.exists():
        return {}
    lines = (line.strip() for line in path.read_text().splitlines())
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {name: value for name, _, value in pairs}


def amqp_url(values: dict[str, str], login: str) -> str:
    """Return the published AMQP address of a login."""
    password, port = values[amqp_variable(login)], values["AMQP_PORT"]
    return f"amqp://{login}:{password}@127.0.0.1:{port}/%2F"


def amqp_variable(login: str) -> str:
    """Return the variable that holds a login's password for RabbitMQ."""
    name = "RABBITMQ" if login == ADMINISTRATOR else f"{_upper(login)}_AMQP"
    return f"{name}_PASSWORD"


def _variables() -> dict[str, Callable[[], str]]:
    """What the file must hold, and how each value is made."""
    password = ["POSTGRES_PASSWORD", *(f"{_upper(name)}_DATABASE_PASSWORD" for name in SERVICES)]
    password += [amqp_variable(login) for login in _logins()]
    password += ["KEHU_INTERNAL_KEY", "KEHU_ADMIN_PASSWORD"]
    return {
        "COMPOSE_PROJECT_NAME": lambda: "kehu",
        "GATEWAY_PORT": lambda: str(public_port(GATEWAY_PORT)),
        "AMQP_PORT": lambda: str(public_port(AMQP_PORT)),
        "KEHU_ADMIN_USERNAME": lambda: "admin",
        # Letters, digits, - and _ only: they stand in URLs and in JSON as they are.
        **dict.fromkeys(password, lambda: secrets.token_urlsafe(24)),
    }


def _logins() -> tuple[str, ...]:
    return (*SERVICES, SALES_LOGIN, ADMINISTRATOR)


def _digest(values: dict[str, str]) -> str:
    """A text that changes with the definitions or a password, and reveals neither."""
    passwords = [values[amqp_variable(login)] for login in _logins()]
    content = DEFINITIONS.read_bytes() + json.dumps(passwords).encode()
    return hashlib.sha256(content).hexdigest()[:16]


def _upper(name: str) -> str:
    return name.upper().replace("-", "_")
