"""The pages for people."""

from __future__ import annotations

from flask import Blueprint, current_app, redirect, render_template, session
from werkzeug.wrappers import Response

from notes.api import newest_notes
from notes.database import LONGEST_AUTHOR, LONGEST_TEXT

blueprint = Blueprint("pages", __name__)


@blueprint.get("/")
def front() -> str:
    """Greet; needs no database, so it works from the first second."""
    return render_template("front.html")


@blueprint.get("/favicon.ico")
def favicon() -> Response:
    """Lead browsers that ask without being told, as they do beside JSON, to the picture."""
    return redirect(current_app.extensions["assets"].url("picture.svg"))


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
