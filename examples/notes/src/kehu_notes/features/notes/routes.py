"""Notes over HTTP."""

from typing import Any
from uuid import UUID

from kehu_chassis.data.listing import page_schema
from kehu_chassis.web import Blueprint, actor, session
from kehu_notes.features.notes import schemas, service

blp = Blueprint("notes", __name__, url_prefix="/notes", description="Notes and their comments.")

_ONE = "/<uuid:note_id>"


@blp.route("", methods=["GET"])
@blp.access("note:read")
@blp.arguments(service.NOTES.query, location="query")
@blp.response(200, page_schema(schemas.NoteSchema))
def list_notes(args: dict[str, Any]) -> Any:
    """List notes."""
    return service.list_(session(), actor(), args)


@blp.route("", methods=["POST"])
@blp.access("note:create")
@blp.arguments(schemas.NoteSchema.form())
@blp.response(201, schemas.NoteSchema, location="get_note")
def create_note(body: dict[str, Any]) -> Any:
    """Write a note."""
    return service.create(session(), actor(), **body)


@blp.route(_ONE, methods=["GET"])
@blp.access("note:read")
@blp.response(200, schemas.NoteSchema)
def get_note(note_id: UUID) -> Any:
    """Show a note."""
    return service.get(session(), actor(), note_id)


@blp.route(_ONE, methods=["PATCH"])
@blp.access("note:update")
@blp.problems(409, "wrong-state")
@blp.arguments(schemas.NoteSchema.patch())
@blp.response(200, schemas.NoteSchema)
def update_note(body: dict[str, Any], note_id: UUID) -> Any:
    """Edit an open note."""
    return service.update(session(), actor(), note_id, **body)


@blp.route(_ONE, methods=["DELETE"])
@blp.access("note:delete")
@blp.problems(409, "wrong-state")
@blp.response(204)
def delete_note(note_id: UUID) -> None:
    """Delete one's own note."""
    service.delete(session(), actor(), note_id)


@blp.route(f"{_ONE}/archive", methods=["POST"])
@blp.access("note:update")
@blp.problems(409, "wrong-state")
@blp.response(200, schemas.NoteSchema)
def archive_note(note_id: UUID) -> Any:
    """Archive an open note."""
    return service.archive(session(), actor(), note_id)


@blp.route(f"{_ONE}/comments", methods=["GET"])
@blp.access("note:read")
@blp.response(200, schemas.CommentsSchema)
def list_comments(note_id: UUID) -> Any:
    """List the comments on a note."""
    return service.list_comments(session(), actor(), note_id)


@blp.route(f"{_ONE}/comments", methods=["POST"])
@blp.access("note:comment")
@blp.problems(409, "wrong-state")
@blp.arguments(schemas.CommentSchema.form())
@blp.response(201, schemas.CommentSchema, location="edit_comment")
def add_comment(body: dict[str, Any], note_id: UUID) -> Any:
    """Comment on an open note."""
    return service.add_comment(session(), actor(), note_id, **body)


@blp.route(f"{_ONE}/comments/<uuid:comment_id>", methods=["PATCH"])
@blp.access("note:comment")
@blp.problems(403, "own-comment-only")
@blp.problems(409, "wrong-state")
@blp.arguments(schemas.CommentSchema.form())
@blp.response(200, schemas.CommentSchema)
def edit_comment(body: dict[str, Any], note_id: UUID, comment_id: UUID) -> Any:
    """Change one's own comment."""
    return service.edit_comment(session(), actor(), note_id, comment_id, **body)
