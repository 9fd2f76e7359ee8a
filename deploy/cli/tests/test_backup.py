"""A backup is looked at before anything is touched."""

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
    """Something with the shape of a backup."""
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


def test_a_sound_backup_is_restored_only_if_the_user_says_so(folder: Path) -> None:
    assert "Replace all data" in restore(folder).output


def test_a_backup_that_was_broken_off_is_refused(folder: Path) -> None:
    (folder / MANIFEST).unlink()
    assert "is no complete backup" in restore(folder).output


@pytest.mark.parametrize("text", ["{", "[]", "{}"])
def test_an_unreadable_manifest_is_refused(folder: Path, text: str) -> None:
    (folder / MANIFEST).write_text(text)
    assert "manifest.json cannot be read" in restore(folder).output


@pytest.mark.parametrize("damage", [Path.unlink, lambda file: file.write_text("other")])
def test_a_damaged_backup_is_refused(folder: Path, damage: Any) -> None:
    damage(folder / "customer.dump")
    assert "customer.dump is not what was backed up" in restore(folder).output


def test_a_backup_of_another_kind_is_refused(folder: Path) -> None:
    manifest = json.loads((folder / MANIFEST).read_text())
    write(folder, manifest | {"format": FORMAT + 1})
    assert "was made by Kehu 9.9" in restore(folder).output


def test_a_backup_of_a_newer_schema_is_refused(folder: Path) -> None:
    manifest = json.loads((folder / MANIFEST).read_text())
    manifest["services"]["auth"]["revision"] = "9999"
    write(folder, manifest)
    assert "does not know the schema 9999 of auth" in restore(folder).output


@pytest.fixture
def emitted_since(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """The moments since which services were to send events again; nothing more happens."""
    moments: list[datetime] = []

    def emit(_installation: object, since: datetime) -> None:
        moments.append(since)
        raise ServerError("that was all")

    monkeypatch.setattr(commands, "_installation", lambda *_: nullcontext())
    monkeypatch.setattr(reconcile, "emit", emit)
    return moments


def test_reconciling_starts_from_now_unless_told_otherwise(emitted_since: list[datetime]) -> None:
    """From the moment of the call, not from the one at which the command was loaded."""
    before = datetime.now(UTC)
    assert "that was all" in CliRunner().invoke(kehu, ["reconcile"]).output
    assert before <= emitted_since[0] <= datetime.now(UTC)


@pytest.mark.parametrize("zone", ["+08:00", "+0800"])
def test_reconciling_starts_from_a_given_moment(emitted_since: list[datetime], zone: str) -> None:
    CliRunner().invoke(kehu, ["reconcile", "--since", f"2026-11-21T08:30:00{zone}"])
    [moment] = emitted_since
    assert moment == datetime(2026, 11, 21, 0, 30, tzinfo=UTC)
    assert moment.utcoffset() == timedelta(hours=8)


def test_reconciling_needs_to_know_the_time_zone_of_a_moment(emitted_since: list[datetime]) -> None:
    result = CliRunner().invoke(kehu, ["reconcile", "--since", "2026-11-21T08:30:00"])
    assert result.exit_code == 2 and "does not match the format" in result.output
    assert not emitted_since


def test_a_file_that_is_no_env_file_is_told(tmp_path: Path) -> None:
    other = tmp_path / ".env"
    other.write_text("COMPOSE_PROJECT_NAME=kehu\n")
    result = CliRunner().invoke(kehu, ["backup", str(tmp_path / "new"), "--env", str(other)])
    assert result.exit_code == 1
    assert "name a file that ./kehu env has made" in result.output
