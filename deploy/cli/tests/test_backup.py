"""A backup is checked before any data is changed."""

import hashlib
import json
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from kehu_cli.catalogue import SERVICES
from kehu_cli.cli import kehu
from kehu_cli.commands import backup as commands
from kehu_cli.operations import reconcile
from kehu_cli.operations.backup import FORMAT, MANIFEST
from kehu_cli.server import ServerError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder in the format of a backup."""
    made = tmp_path / "backup"
    made.mkdir()
    services = {}
    for service in SERVICES:
        (made / f"{service}.dump").write_text(service)
        services[service] = {
            "file": f"{service}.dump",
            "sha256": hashlib.sha256(service.encode()).hexdigest(),
            "revision": "0001",
            "rows": {},
        }
    write(made, {"format": FORMAT, "taken_at": "2026-11-22", "kehu": "9.9", "services": services})
    return made


def write(folder: Path, manifest: Any) -> None:
    (folder / MANIFEST).write_text(json.dumps(manifest))


def restore(folder: Path) -> Result:
    state = folder.parent / "state"
    result = CliRunner().invoke(kehu, ["--state", str(state), "restore", str(folder)], input="n\n")
    assert result.exit_code == 1
    assert not state.exists(), "nothing was started"
    return result


def test_an_intact_backup_is_restored_only_after_confirmation(folder: Path) -> None:
    assert "Replace all data" in restore(folder).output


def test_an_incomplete_backup_is_rejected(folder: Path) -> None:
    (folder / MANIFEST).unlink()
    assert "is not a complete backup" in restore(folder).output


@pytest.mark.parametrize("text", ["{", "[]", "{}"])
def test_an_unreadable_manifest_is_rejected(folder: Path, text: str) -> None:
    (folder / MANIFEST).write_text(text)
    assert "manifest.json cannot be read" in restore(folder).output


@pytest.mark.parametrize("damage", [Path.unlink, lambda file: file.write_text("other")])
def test_a_damaged_backup_is_rejected(folder: Path, damage: Any) -> None:
    damage(folder / "customer.dump")
    assert "customer.dump is missing or has changed" in restore(folder).output


def test_a_backup_of_another_format_is_rejected(folder: Path) -> None:
    manifest = json.loads((folder / MANIFEST).read_text())
    write(folder, manifest | {"format": FORMAT + 1})
    assert "was made by Kehu 9.9" in restore(folder).output


def test_a_backup_of_a_newer_schema_is_rejected(folder: Path) -> None:
    manifest = json.loads((folder / MANIFEST).read_text())
    manifest["services"]["auth"]["revision"] = "9999"
    write(folder, manifest)
    assert "does not know the schema 9999 of auth" in restore(folder).output


@pytest.fixture
def emitted_since(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """The moments since which services are to publish events again; nothing more happens."""
    moments: list[datetime] = []

    def emit(_installation: object, since: datetime) -> None:
        moments.append(since)
        raise ServerError("stopped by the test")

    monkeypatch.setattr(commands, "_installation", lambda *_: nullcontext())
    monkeypatch.setattr(reconcile, "emit", emit)
    return moments


def test_reconcile_starts_from_now_by_default(emitted_since: list[datetime]) -> None:
    before = datetime.now(UTC)
    assert "stopped by the test" in CliRunner().invoke(kehu, ["reconcile"]).output
    assert before <= emitted_since[0] <= datetime.now(UTC)


@pytest.mark.parametrize("zone", ["+08:00", "+0800"])
def test_reconcile_starts_from_a_given_moment(emitted_since: list[datetime], zone: str) -> None:
    CliRunner().invoke(kehu, ["reconcile", "--since", f"2026-11-21T08:30:00{zone}"])
    [moment] = emitted_since
    assert moment == datetime(2026, 11, 21, 0, 30, tzinfo=UTC)
    assert moment.utcoffset() == timedelta(hours=8)


def test_reconcile_requires_the_time_zone_of_a_moment(emitted_since: list[datetime]) -> None:
    result = CliRunner().invoke(kehu, ["reconcile", "--since", "2026-11-21T08:30:00"])
    assert result.exit_code == 2 and "does not match the format" in result.output
    assert not emitted_since


def test_a_file_that_kehu_env_has_not_written_is_rejected(tmp_path: Path) -> None:
    other = tmp_path / ".env"
    other.write_text("COMPOSE_PROJECT_NAME=kehu\n")
    result = CliRunner().invoke(kehu, ["backup", str(tmp_path / "new"), "--env", str(other)])
    assert result.exit_code == 1
    assert "use a file that ./kehu env has written" in result.output
