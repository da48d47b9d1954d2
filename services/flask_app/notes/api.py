"""The JSON API: list, read and add notes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, abort, current_app, jsonify, request, session, url_for
from sqlalchemy import func, select

from notes.cache import cache
from notes.database import LONGEST_AUTHOR, LONGEST_TEXT, Note, db

PAGE = 50
COUNTED_SECONDS = 10

blueprint = Blueprint("api", __name__, url_prefix="/api")


@blueprint.get("/notes")
def list_notes() -> dict[str, Any]:
    """Give the newest notes, or those before the id in `before`."""
    before = request.args.get("before", type=int)
    found = newest_notes(before)
    return {"notes": [as_json(note) for note in found]}


@blueprint.get("/statistics")
def show_statistics() -> dict[str, int]:
    """Give the numbers of notes and authors, which may be some seconds old."""
    return statistics()


@blueprint.get("/notes/<int:identity>")
def read_note(identity: int) -> dict[str, Any]:
    """Give one note."""
    return as_json(db.get_or_404(Note, identity, description="There is no such note."))


@blueprint.post("/notes")
def add_note() -> tuple[Response, int, dict[str, str]]:
    """Put a note on the board."""
    fields = request.get_json()
    if not isinstance(fields, dict):
        abort(422, "The body must be an object with author and text.")
    try:
        note = keep_note(fields)
    except FieldError as error:
        abort(422, str(error))
    location = url_for("api.read_note", identity=note.id)
    return jsonify(as_json(note)), 201, {"Location": location}


class FieldError(ValueError):
    """A field of a note has a wrong length; ``field`` names it, ``problem`` says what is wrong."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field} {problem}")
        self.field, self.problem = field, problem


def keep_note(fields: Mapping[str, Any]) -> Note:
    """Put a note on the board, and remember its author in the session; raises FieldError."""
    note = Note(
        author=_line(fields, "author", LONGEST_AUTHOR), text=_line(fields, "text", LONGEST_TEXT)
    )
    db.session.add(note)
    db.session.commit()
    session["author"] = note.author
    current_app.logger.info("note added", extra={"note": note.id})
    return note


def newest_notes(before: int | None = None) -> list[Note]:
    """Find a page of notes, the newest first."""
    wanted = select(Note).order_by(Note.id.desc()).limit(PAGE)
    if before is not None:
        wanted = wanted.where(Note.id < before)
    return list(db.session.scalars(wanted))


@cache.memoize(COUNTED_SECONDS)  # type: ignore[untyped-decorator]  # it takes and gives the same
def statistics() -> dict[str, int]:
    """Count the notes and their authors: every row is read, so this is remembered for a while."""
    counted = select(func.count(), func.count(Note.author.distinct())).select_from(Note)
    notes, authors = db.session.execute(counted).one()
    return {"notes": notes, "authors": authors}


def as_json(note: Note) -> dict[str, Any]:
    """Show a note to the world."""
    return {
        "id": note.id,
        "author": note.author,
        "text": note.text,
        "created_at": note.created_at.isoformat(timespec="seconds"),
    }


def _line(fields: Mapping[str, Any], name: str, longest: int) -> str:
    value = fields.get(name)
    line = " ".join(value.split()) if isinstance(value, str) else ""
    if not 1 <= len(line) <= longest:
        raise FieldError(name, f"must have 1 to {longest} characters.")
    return line
