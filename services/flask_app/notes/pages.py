"""The pages for people."""

from __future__ import annotations

from flask import Blueprint, render_template, session

from notes.api import newest_notes
from notes.database import LONGEST_AUTHOR, LONGEST_TEXT

blueprint = Blueprint("pages", __name__)


@blueprint.get("/")
def front() -> str:
    """Greet; needs no database, so it works from the first second."""
    return render_template("front.html")


@blueprint.get("/board")
def board() -> str:
    """Show the notes, and a form that adds one through the API."""
    return render_template(
        "board.html",
        notes=newest_notes(),
        author=session.get("author", ""),
        longest_author=LONGEST_AUTHOR,
        longest_text=LONGEST_TEXT,
    )
