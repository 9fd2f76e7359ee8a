"""The operator's commands, run in this process on a real database."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from chassis_support.program import Program
from kehu_sample.app import service
from sqlalchemy import select, text, update

from kehu_chassis.cli import main
from kehu_chassis.data.database import new_id
from kehu_chassis.messaging import outbox
from kehu_chassis.messaging.outbox import OutboxRow
from kehu_chassis.testing import Harness, User

HAPPENED = "other.thing-happened.v1"


@pytest.fixture
def command(
    program: Program, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Any:
    """Runs a command: ``code, out, err = command("resync")``."""
    for name, value in program.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("KEHU_LOG_LEVEL", "WARNING")  # the commands set it themselves
    # The commands configure logging for a whole process.
    monkeypatch.setattr("kehu_chassis.observability.logs.configure", lambda *_: None)

    def run(*arguments: str) -> tuple[int, str, str]:
        code = main(service, list(arguments))
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return run


def fail(harness: Harness, *ids: str) -> None:
    for event_id in ids:
        body = harness.envelope(HAPPENED, {"do": "refuse"}, event_id=event_id)
        harness.inbox.handle([body])
    with harness.session() as session:
        session.execute(text("UPDATE failed_event SET state = 'dead', next_attempt_at = NULL"))


def test_versions_prints_what_it_publishes_and_mirrors(
    harness: Harness, boss: User, command: Any
) -> None:
    client = harness.as_(boss)
    note = client.post("/notes", {"title": "new"}, 201)
    client.post(f"/notes/{note['id']}/archive", {}, 200, if_match="*")
    gone = {"id": str(new_id())}
    harness.deliver("auth.department-deleted.v1", gone, subject=gone["id"], version=7)
    code, out, _err = command("versions")
    assert code == 0
    first, *lines = map(json.loads, out.splitlines())
    assert first == {"waiting": 0}
    assert lines[:2] == [
        {"type": "auth.department-changed.v1", "side": "reader"},
        [gone["id"], 7, True],
    ]
    mine = lines.index({"type": "notes.note-changed.v1", "side": "owner"})
    assert lines[mine + 1] == [note["id"], 2]
    kinds = [line["type"] for line in lines if isinstance(line, dict)]
    assert kinds == sorted(kinds)


def test_resync_publishes_every_current_state(harness: Harness, boss: User, command: Any) -> None:
    client = harness.as_(boss)
    for number in range(3):
        client.post("/notes", {"title": str(number)}, 201)
    before = len(harness.published())
    code, _out, err = command("resync")
    assert code == 0 and "3 records of notes will be republished" in err
    republished = harness.published()[before:]
    assert [(e["data"]["title"], e["aggregateversion"]) for e in republished] == [
        ("0", 1), ("1", 1), ("2", 1),
    ]  # fmt: skip
    assert len({e["id"] for e in harness.published()}) == before + 3, "with new event ids"


def test_replay_republishes_events_since_then(harness: Harness, boss: User, command: Any) -> None:
    client = harness.as_(boss)
    for number in range(2):
        client.post("/notes", {"title": str(number)}, 201)
    now = datetime.now(UTC)
    with harness.session() as session:
        session.execute(update(OutboxRow).values(sent_at=now - timedelta(hours=5)))
        first = session.scalars(select(OutboxRow.position).order_by(OutboxRow.position)).first()
        session.execute(update(OutboxRow).where(OutboxRow.position == first).values(sent_at=now))
    code, _out, err = command("replay", "--since", (now - timedelta(hours=1)).isoformat())
    assert code == 0 and "1 event of notes will be republished" in err
    with harness.session() as session:
        assert outbox.backlog(session)[0] == 1
    code, _out, err = command("replay", "--since", "2020-01-01T00:00:00+08:00")
    assert code == 0 and "kept for 7 days" in err
    with harness.session() as session:
        assert outbox.backlog(session)[0] == 4


def test_replay_requires_a_utc_offset(command: Any) -> None:
    code, _out, err = command("replay", "--since", "2026-11-21T00:00:00")
    assert code == 2 and "offset" in err
    with pytest.raises(SystemExit):
        command("replay", "--since", "yesterday")


def test_dead_letters_are_listed_and_shown(harness: Harness, command: Any) -> None:
    assert command("dead-letters", "list") == (0, "no failed events\n", "")
    assert command("dead-letters", "list", "--json") == (0, "", "")
    fail(harness, "a")
    harness.inbox.handle([b"\xff"])
    code, out, _err = command("dead-letters", "list")
    assert code == 0 and "ValueError: refused on request" in out and "(unreadable)" in out
    _code, out, _err = command("dead-letters", "list", "--json")
    rows = [json.loads(line) for line in out.splitlines()]
    assert [row["event_id"] for row in rows][0] == "a" and "body" not in rows[0]
    code, out, _err = command("dead-letters", "show", rows[0]["id"])
    assert code == 0 and json.loads(json.loads(out)["body"])["data"] == {"do": "refuse"}


def test_dead_letters_do_not_command_the_terminal(harness: Harness, command: Any) -> None:
    """Texts of other systems are shown: colours, titles, moves, other directions, more lines."""
    evil = "\x1b]0;title\x07\x1b[31m\x9b2J\u202e\u200b\nfake  row"
    harness.inbox.handle([harness.envelope(evil, {"marker": evil}, subject=evil)])
    [row] = harness.failed()
    shown = [command("dead-letters", *rest)[1] for rest in (
        ("list",), ("list", "--json"), ("show", str(row.id)),
    )]  # fmt: skip
    for out in shown:
        assert not [c for c in out if not c.isprintable() and c != "\n"], out
    assert "\\u001b[31m\\u009b2J\\u202e\\u200b\\n" in shown[0]
    assert len(shown[0].splitlines()) == 1
    for out in shown[1:]:
        assert json.loads(out)["id"] == str(row.id)
    assert evil in json.loads(shown[1])["type"]


def test_dead_letters_are_replayed(harness: Harness, command: Any) -> None:
    fail(harness, "a", "b")
    first = str(harness.failed()[0].id)
    code, out, _err = command("dead-letters", "replay", first)
    assert code == 0 and f"{first} will be retried" in out
    assert sorted(row.state for row in harness.failed()) == ["dead", "retrying"]
    assert command("dead-letters", "replay", "--all")[0] == 0
    assert {row.state for row in harness.failed()} == {"retrying"}
    actions = [event["data"]["action"] for event in harness.published("notes.audit-recorded.v1")]
    assert actions == ["replayed", "replayed"], "both are audited"


def test_dead_letters_are_discarded(harness: Harness, command: Any) -> None:
    fail(harness, "a", "b")
    unknown = str(new_id())
    code, _out, err = command("dead-letters", "discard", unknown, str(harness.failed()[0].id))
    assert code == 1 and unknown in err and len(harness.failed()) == 1
    assert command("dead-letters", "discard")[0] == 2, "all of them only with --all"
    assert command("dead-letters", "discard", "--all")[0] == 0
    assert harness.failed() == []


def test_descriptions_need_no_configuration(command: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KEHU_DATABASE_URL", "KEHU_AUTH_URL"):
        monkeypatch.delenv(name)
    code, out, _err = command("subscriptions")
    assert code == 0 and set(json.loads(out)) == {
        "auth.department-changed.v1",
        "auth.department-deleted.v1",
        "auth.setting-changed.v1",
        "auth.user-changed.v1",
        "other.thing-counted.v1",
        "other.thing-happened.v1",
        "sales.thing-sold.v1",
    }
    code, out, _err = command("openapi")
    document = json.loads(out)
    create = document["paths"]["/api/v1/notes/notes"]["post"]
    assert (create["operationId"], create["x-permission"]) == ("create_note", "note:create")
    assert "/api/v1/notes/notes/inside" not in document["paths"], "internal"
    assert document["paths"]["/api/v1/notes/notes/echo"]["post"]["security"] == []
    assert document["paths"]["/api/v1/notes/notes/me"]["get"]["x-before-password-change"] is True


def test_an_unknown_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(service, ["dance"])
    assert ended.value.code == 2 and "dance" in capsys.readouterr().err
