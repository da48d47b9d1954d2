"""What goes wrong, as visitors see it."""

from __future__ import annotations

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template import loader
from django.views.defaults import server_error
from redis.exceptions import ConnectionError as NoConnectionError
from redis.exceptions import TimeoutError as NoAnswerError

RETRY_AFTER = 5


def failed(request: HttpRequest) -> HttpResponse:
    """Answer what no view has answered: 503 while database or cache is away, else 500."""
    if not is_outage(sys.exc_info()[1]):
        return server_error(request)
    page = loader.get_template("503.html").render()
    return HttpResponse(page, status=503, headers={"Retry-After": str(RETRY_AFTER)})


def is_outage(error: BaseException | None) -> bool:
    """Tell whether a server is away, has no room, or lets nobody in just now.

    SQLite has no server: what it says is wrong stays so.
    """
    if isinstance(error, NoConnectionError | NoAnswerError):
        return True
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    module = type(error.__cause__).__module__
    return module.partition(".")[0] in ("psycopg", "psycopg_pool")
