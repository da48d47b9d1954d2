"""Checks property values. Each rule returns what is wrong in words, or None."""

from __future__ import annotations

import base64
import binascii
import re

from webstack.contract.go_durations import parse_duration
from webstack.engine.providers.docker.schema.schema import Rule


def at_least(lowest: int) -> Rule:
    """Refuse smaller numbers."""
    return lambda value: None if value >= lowest else f"must be at least {lowest}"


def one_of(*choices: str) -> Rule:
    """Refuse any other text."""
    return lambda value: None if value in choices else f"must be one of {', '.join(choices)}"


def matching(pattern: str, meaning: str) -> Rule:
    """Refuse text that the pattern does not match as a whole."""
    compiled = re.compile(pattern)
    return lambda value: None if compiled.fullmatch(value) else f"must be {meaning}"


def duration(value: str) -> str | None:
    """Refuse what Go does not read as a duration of zero or more."""
    nanoseconds = parse_duration(value)
    if nanoseconds is None or nanoseconds < 0:
        return 'must be a duration such as "30s", "1m30s" or "500ms"'
    return None


def base64_text(value: str) -> str | None:
    """Refuse what is not base64."""
    try:
        base64.b64decode(value, validate=True)
    except binascii.Error:
        return "must be base64"
    return None


def cpu_share(value: str) -> str | None:
    """Refuse what is not a positive decimal number."""
    wanted = "must be a number of processors such as 0.5 or 2"
    return None if re.fullmatch(r"\d+(\.\d+)?|\.\d+", value) else wanted


def environment_entry(value: str) -> str | None:
    """Refuse what has no name; Docker's own message would repeat the value."""
    return "must begin with a name" if value.startswith("=") or not value else None
