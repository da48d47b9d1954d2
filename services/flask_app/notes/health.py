"""/healthz: the process answers. /readyz: it can do its work."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, jsonify, request
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from notes.database import db
from notes.schema import pending_migrations

blueprint = Blueprint("health", __name__)


@blueprint.before_app_request
def answer_health() -> Response | None:
    """Answer before routing, which refuses unknown hosts: who asks here knows no host name."""
    if request.path == "/healthz":
        return jsonify(status="ok")
    if request.path == "/readyz":
        return readiness()
    return None


def readiness() -> Response:
    """Say what works; 503 unless everything does."""
    checks = {"database": "ok", "migrations": "ok"}
    try:
        db.session.execute(text("SELECT 1"))
        if pending_migrations():
            checks["migrations"] = "pending"
    except SQLAlchemyError:
        current_app.logger.exception("the database does not answer")
        checks = {"database": "failed", "migrations": "unknown"}
    ready = all(check == "ok" for check in checks.values())
    response = jsonify(status="ready" if ready else "not ready", checks=checks)
    response.status_code = 200 if ready else 503
    return response
