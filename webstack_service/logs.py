"""Writes logs as JSON on stdout, one line per event."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from webstack_service import environment, request

# What every record has; the rest came in by `extra=` and belongs in the line.
STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}

# They bring handlers of their own, for text.
TALKERS = ("gunicorn.error", "gunicorn.access", "django")
# Libraries that say again what the access log says, or what nobody asked.
QUIET = {
    "alembic": {"level": "WARNING"},
    "django.request": {"filters": ["exceptions"]},
    "django.security.DisallowedHost": {"level": "CRITICAL"},
}


class JsonFormatter(logging.Formatter):
    """Makes one JSON object per record: time, level, message, request id, and what `extra` gave."""

    def __init__(self, **fields: str) -> None:
        super().__init__()
        self._fields = fields

    def format(self, record: logging.LogRecord) -> str:
        """Render a record as one line of ASCII, so that nothing in it can break the line."""
        event: dict[str, Any] = {
            "time": _utc(record.created),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": request.identity.get(),
            **self._fields,
            **{key: value for key, value in vars(record).items() if key not in STANDARD},
        }
        if record.exc_info:
            event["exception"] = self.formatException(record.exc_info)
        return json.dumps({key: value for key, value in event.items() if value != ""}, default=str)


class ExceptionsOnly(logging.Filter):
    """Lets a record pass that has a traceback to tell."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Judge one record."""
        return record.exc_info is not None


def configuration(variables: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """Make the `dictConfig` that gunicorn and the application share.

    Each line names the service and the release that the environment variables say.
    """
    names = {
        "service": environment.service(variables),
        "release": environment.release(variables),
    }
    to_root = {"handlers": [], "propagate": True}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"exceptions": {"()": ExceptionsOnly}},
        "formatters": {"json": {"()": JsonFormatter, **names}},
        "handlers": {
            "stdout": {
                "class": "logging.StreamHandler",
                "stream": "ext://sys.stdout",
                "formatter": "json",
            }
        },
        "root": {"level": "INFO", "handlers": ["stdout"]},
        "loggers": {
            **dict.fromkeys(TALKERS, to_root),
            **QUIET,
        },
    }


def _utc(seconds: float) -> str:
    moment = datetime.fromtimestamp(seconds, timezone.utc)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
