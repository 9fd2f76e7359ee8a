"""The secrets of docker-compose.yml: generated once, kept, private, and consistent."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from kehu_cli.catalogue import DEFINITIONS, ROOT
from kehu_cli.cli import kehu
from kehu_cli.operations import environment_file
from kehu_cli.stack.rabbitmq_definitions import password_hash


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The file as it is generated the first time."""
    path = tmp_path / ".env"
    environment_file.write(path)
    return path


def test_every_variable_without_a_default_is_in_the_file(file: Path) -> None:
    wanted = re.findall(r"\$\{([A-Z_]+)(?::\?[^}]*)?\}", (ROOT / "docker-compose.yml").read_text())
    assert len(wanted) > 15
    assert set(wanted) <= environment_file.read(file).keys()


def test_secrets_are_random_private_and_safe_in_urls(file: Path, tmp_path: Path) -> None:
    other = environment_file.write(tmp_path / "other")
    values = environment_file.read(file)
    secret = {name: value for name, value in values.items() if name.endswith(("PASSWORD", "_KEY"))}
    assert len(set(secret.values())) == len(secret) >= 15
    assert not set(secret.values()) & set(other.values())
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{32}", value) for value in secret.values())
    assert file.stat().st_mode & 0o777 == 0o600


def test_existing_values_are_kept(file: Path) -> None:
    before = environment_file.read(file)
    chosen = file.read_text().replace("KEHU_ADMIN_USERNAME=admin", "KEHU_ADMIN_USERNAME=boss")
    file.write_text(chosen.replace("SALES_AMQP_PASSWORD", "# mine\nOWN=1\n#SALES_AMQP_PASSWORD"))
    after = environment_file.write(file)
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"KEHU_ADMIN_USERNAME", "SALES_AMQP_PASSWORD", "RABBITMQ_DEFINITIONS_DIGEST"}
    assert after["KEHU_ADMIN_USERNAME"] == "boss" and after["OWN"] == "1"
    assert "# mine\n" in file.read_text()
    again = file.read_text()
    environment_file.write(file)
    assert file.read_text() == again


def test_the_definitions_contain_hashes_and_no_passwords(file: Path) -> None:
    values = environment_file.read(file)
    definitions = Path(values["RABBITMQ_DEFINITIONS"])
    text = definitions.read_text()
    users = {user["name"]: user for user in json.loads(text)["users"]}
    wanted = {user["name"] for user in json.loads(DEFINITIONS.read_text())["users"]}
    assert users.keys() == wanted | {"kehu"}
    assert all(len(user["password_hash"]) == len(password_hash("x")) for user in users.values())
    assert not any(value in text for name, value in values.items() if name.endswith("PASSWORD"))


def test_the_command_prints_the_administrator_the_first_time_only(tmp_path: Path) -> None:
    path = tmp_path / "some.env"
    first = CliRunner().invoke(kehu, ["env", "--file", str(path)])
    password = environment_file.read(path)["KEHU_ADMIN_PASSWORD"]
    assert first.exit_code == 0 and f"admin / {password}" in first.output
    second = CliRunner().invoke(kehu, ["env", "--file", str(path)])
    assert second.exit_code == 0 and password not in second.output
