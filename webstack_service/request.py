"""Knows the request in hand by its identity, for every log line that it causes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextvars import ContextVar

identity: ContextVar[str] = ContextVar("request_id", default="")

HEADER = "X-REQUEST-ID"
PLAIN = re.compile(r"[A-Za-z0-9._:-]{1,128}")


def find_identity(headers: Iterable[tuple[str, str]]) -> str:
    """Take the id that the proxy gave; anything odd is none at all."""
    for name, value in headers:
        if name.upper() == HEADER and PLAIN.fullmatch(value):
            return value
    return ""
