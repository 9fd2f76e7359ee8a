"""The routes of notes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from kehu_chassis.data.listing import page_schema
from kehu_chassis.problems import Problem
from kehu_chassis.web import Blueprint, actor, session
from kehu_sample.features.notes import schemas, service

blp = Blueprint("notes", __name__, url_prefix="/notes")


@blp.route("", methods=["GET"])
@blp.access("note:read")
@blp.arguments(schemas.LISTING.query, location="query")
@blp.response(200, page_schema(schemas.NoteOut))
def list_notes(args: dict[str, Any]) -> Any:
    """List notes."""
    return service.list_(session(), actor(), args)


@blp.route("/export", methods=["GET"])
@blp.access("note:export")
@blp.export(schemas.NoteOut, schemas.LISTING.query, name="notes", reads="note:read")
def export_notes(args: dict[str, Any]) -> Any:
    """Export notes."""
    return service.list_(session(), actor(), args)


@blp.route("", methods=["POST"])
@blp.access("note:create")
@blp.arguments(schemas.NoteIn)
@blp.response(201, schemas.NoteOut)
def create_note(body: dict[str, Any]) -> Any:
    """Create a note."""
    return service.create(session(), actor(), **body)


@blp.route("/queue", methods=["POST"])
@blp.access("note:create")
@blp.arguments(schemas.NoteIn)
@blp.response(201, schemas.NoteOut)
def queue_note(body: dict[str, Any]) -> Any:
    """Create a note after waiting for a lock."""
    return service.queue_up(session(), actor(), **body)


@blp.route("/<uuid:note_id>", methods=["GET"])
@blp.access("note:read")
@blp.response(200, schemas.NoteOut)
def get_note(note_id: UUID) -> Any:
    """Show a note."""
    return service.get(session(), actor(), note_id)


@blp.route("/<uuid:note_id>", methods=["PATCH"])
@blp.access("note:update")
@blp.arguments(schemas.NotePatch)
@blp.response(200, schemas.NoteOut)
def update_note(body: dict[str, Any], note_id: UUID) -> Any:
    """Change a note."""
    return service.update(session(), actor(), note_id, **body)


@blp.route("/<uuid:note_id>", methods=["DELETE"])
@blp.access("note:delete")
@blp.response(204)
def delete_note(note_id: UUID) -> None:
    """Delete a note."""
    service.delete(session(), actor(), note_id)


@blp.route("/<uuid:note_id>", methods=["PUT"])
@blp.access("note:update")
@blp.arguments(schemas.NoteIn)
@blp.response(200, schemas.NoteOut)
def replace_note(body: dict[str, Any], note_id: UUID) -> Any:
    """Replace a note without checking the precondition."""
    return service.change_unchecked(session(), actor(), note_id, **body)


@blp.route("/<uuid:note_id>/archive", methods=["POST"])
@blp.access("note:update")
@blp.problems(409, "wrong-state")
@blp.response(200, schemas.NoteOut)
def archive_note(note_id: UUID) -> Any:
    """Archive a note."""
    return service.archive(session(), actor(), note_id)


@blp.route("/echo", methods=["POST"])
@blp.access("public")
@blp.arguments(schemas.Anything)
@blp.response(200, schemas.Anything)
def echo(body: dict[str, Any]) -> Any:
    """Return the body."""
    return body


@blp.route("/me", methods=["GET"])
@blp.access("authenticated", before_password_change=True)
@blp.response(200, schemas.Anything)
def me() -> Any:
    """Return the caller's id."""
    return {"value": str(actor().id)}


@blp.route("/inside", methods=["GET"])
@blp.access("internal")
@blp.response(204)
def inside() -> None:
    """Serve only other processes."""


@blp.route("/fail-in-sql", methods=["POST"])
@blp.access("public")
@blp.arguments(schemas.Failure)
@blp.response(204)
def fail_in_sql(body: dict[str, Any]) -> None:
    """Fail in the database."""
    service.fail_in_sql(session(), **body)


@blp.route("/break", methods=["GET"])
@blp.access("public")
@blp.response(204)
def break_down() -> None:
    """Fail with an unexpected exception."""
    raise RuntimeError("the password is swordfish")


@blp.route("/late", methods=["GET"])
@blp.access("public")
@blp.problems(409, "too-late")
@blp.response(204)
def be_late() -> None:
    """Fail with an error code of the service's own."""
    raise Problem(409, "too-late", params={"hour": 8})
