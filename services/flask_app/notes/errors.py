"""Errors as the asker reads them: JSON under /api, a page elsewhere."""

from __future__ import annotations

from flask import Flask, jsonify, render_template, request
from werkzeug.exceptions import HTTPException, SecurityError
from werkzeug.wrappers import Response

from webstack_service.request import identity


def init_app(app: Flask) -> None:
    """Register the handlers; unexpected exceptions arrive as a 500, logged by Flask."""
    app.register_error_handler(HTTPException, show)
    app.register_error_handler(SecurityError, refuse_host)


def show(error: HTTPException) -> Response:
    """Answer an error in the form that suits the path, with the headers it asks for."""
    response = error.get_response()
    if request.path.startswith("/api/"):
        response.data = jsonify(error=_details(error)).data
        response.content_type = "application/json"
    else:
        response.data = render_template("error.html", error=error)
    return response


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
