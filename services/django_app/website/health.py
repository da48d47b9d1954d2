"""/healthz: the process answers. /readyz: it can do its work."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse

GetResponse = Callable[[HttpRequest], HttpResponse]

log = logging.getLogger(__name__)


def answer_health(get_response: GetResponse) -> GetResponse:
    """Make the first middleware: who asks here knows no host name and speaks no https."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path_info == "/healthz":
            return JsonResponse({"status": "ok"})
        if request.path_info == "/readyz":
            return readiness()
        return get_response(request)

    return middleware


def readiness() -> HttpResponse:
    """Say what works; 503 unless everything does."""
    checks = {"database": "ok", "migrations": "ok"}
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        if pending_migrations():
            checks["migrations"] = "pending"
    except DatabaseError:
        log.exception("the database does not answer")
        checks = {"database": "failed", "migrations": "unknown"}
    ready = all(check == "ok" for check in checks.values())
    status = {"status": "ready" if ready else "not ready", "checks": checks}
    return JsonResponse(status, status=200 if ready else 503)


def pending_migrations() -> bool:
    """Tell whether migrations of this release are missing; those of a newer one do not matter."""
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
