"""The pages for people."""

from __future__ import annotations

from collections.abc import Mapping

from flask import (
    Blueprint,
    abort,
    current_app,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from werkzeug.wrappers import Response

from notes.api import FieldError, keep_note, newest_notes
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
    """Show the notes, and a form that adds one."""
    return _board({"author": session.get("author", "")})


@blueprint.post("/board")
def write() -> Response | tuple[str, int]:
    """Add a note for a browser that runs no script, from this site's own form only."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        abort(403, "Notes are written on the board itself.")
    try:
        keep_note(request.form)
    except FieldError as error:
        return _board(request.form, error), 422
    return redirect(url_for("pages.board"), 303)


def _board(written: Mapping[str, str], error: FieldError | None = None) -> str:
    return render_template(
        "board.html",
        notes=newest_notes(),
        written=written,
        error=error,
        longest={"author": LONGEST_AUTHOR, "text": LONGEST_TEXT},
    )
