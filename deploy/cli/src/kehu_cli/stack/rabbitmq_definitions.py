"""The broker's logins, exchanges, queues and permissions: a file RabbitMQ reads at every start."""

import base64
import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from kehu_cli.private_files import write_private

ADMINISTRATOR = "kehu"
# `kehu unrouted send-again` publishes messages with the user_id of their first publisher.
ADMINISTRATOR_TAGS = ["administrator", "impersonator"]


def render(target: Path, definitions: Path | None, passwords: Mapping[str, str]) -> None:
    """Write the definitions with password hashes into the file that the broker reads at start."""
    # World-readable: it holds hashes only, and a broker in a container runs under another account.
    write_private(target, json.dumps(content(definitions, passwords), indent=2), mode=0o644)


def content(definitions: Path | None, passwords: Mapping[str, str]) -> dict[str, Any]:
    """Return the definitions with the hash of each password.

    Logins that the definitions do not contain, such as the administrator, get full permissions.
    """
    document: dict[str, Any] = (
        json.loads(definitions.read_text()) if definitions else {"vhosts": [{"name": "/"}]}
    )
    users = {user["name"]: user for user in document.get("users", [])}
    permissions = list(document.get("permissions", []))
    for name in passwords.keys() - users.keys():
        users[name] = {"name": name, "tags": ADMINISTRATOR_TAGS if name == ADMINISTRATOR else []}
        permissions.append(
            {"user": name, "vhost": "/", "configure": ".*", "write": ".*", "read": ".*"}
        )
    for name, password in passwords.items():
        users[name] |= {
            "password_hash": password_hash(password),
            "hashing_algorithm": "rabbit_password_hashing_sha256",
        }
    document["users"] = list(users.values())
    document["permissions"] = permissions
    return document


def logins(definitions: Path | None) -> Iterable[str]:
    """Return the names of the logins in the definitions."""
    if definitions is None:
        return []
    return [user["name"] for user in json.loads(definitions.read_text()).get("users", [])]


def password_hash(password: str) -> str:
    """Hash a password as RabbitMQ's definitions do: base64(salt + sha256(salt + password))."""
    salt = os.urandom(4)
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()
