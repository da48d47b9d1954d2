"""Errors as the asker reads them: JSON under /api, a page elsewhere."""

from __future__ import annotations

import psycopg
from flask import Flask, current_app, jsonify, render_template, request
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from werkzeug.exceptions import (
    HTTPException,
    InternalServerError,
    SecurityError,
    ServiceUnavailable,
)
from werkzeug.wrappers import Response

from webstack_service.request import identity

RETRY_AFTER = 5


def init_app(app: Flask) -> None:
    """Register the handlers; unexpected exceptions arrive as a 500, logged by Flask."""
    app.register_error_handler(HTTPException, show)
    app.register_error_handler(SecurityError, refuse_host)
    app.register_error_handler(SQLAlchemyError, show_failure)


def show(error: HTTPException) -> Response:
    """Answer an error in the form that suits the path, with the headers it asks for."""
    response = error.get_response()
    if request.path.startswith("/api/"):
        response.data = jsonify(error=_details(error)).data
        response.content_type = "application/json"
    else:
        response.data = render_template("error.html", error=error)
    return response


def show_failure(error: SQLAlchemyError) -> Response:
    """Answer 503 while the database is away, else 500 as for anything unexpected."""
    current_app.logger.error("the database failed", exc_info=error)
    if is_outage(error):
        return show(
            ServiceUnavailable(
                "The database does not answer just now; please try again soon.",
                retry_after=RETRY_AFTER,
            )
        )
    return show(InternalServerError(original_exception=error))


def is_outage(error: SQLAlchemyError) -> bool:
    """Tell whether a server of databases is away, has no room, or lets nobody in just now.

    SQLite has no server: what it says is wrong stays so.
    """
    if isinstance(error, DBAPIError):
        return isinstance(error.orig, psycopg.OperationalError)
    return isinstance(error, PoolTimeoutError)


def refuse_host(error: SecurityError) -> Response:
    """Answer a request for an unknown host, for which no link could be made."""
    return Response(f"{error.code} {error.name}\n", error.code, mimetype="text/plain")


def _details(error: HTTPException) -> dict[str, str | int | None]:
    return {
        "status": error.code,
        "name": error.name,
        "message": error.description,
        "request_id": identity.get() or None,
    }
