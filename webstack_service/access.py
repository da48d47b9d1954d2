"""Logs what gunicorn answered as JSON, without the noise of health checks."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from gunicorn import glogging

HEALTH = ("/healthz", "/readyz")


class AccessLog(glogging.Logger):  # type: ignore[misc]  # gunicorn has no types
    """Logs answered requests, as the `logger_class` of gunicorn."""

    def access(self, resp: Any, req: Any, environ: dict[str, Any], request_time: timedelta) -> None:
        """Log one answered request; a healthy answer to a health check is no event."""
        path = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
        if environ.get("PATH_INFO") in HEALTH and resp.status_code == 200:
            return
        self.access_log.log(
            logging.INFO if resp.status_code < 500 else logging.ERROR,
            "%s %s %s",
            environ["REQUEST_METHOD"],
            path,
            resp.status_code,
            extra={
                "method": environ["REQUEST_METHOD"],
                "path": path,
                "status": resp.status_code,
                "bytes": resp.sent,
                "duration_ms": round(request_time / timedelta(milliseconds=1), 1),
                "client": environ.get("REMOTE_ADDR", ""),
                "user_agent": environ.get("HTTP_USER_AGENT", ""),
            },
        )
