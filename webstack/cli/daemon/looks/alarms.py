"""Reads the alarms of a stack, from the container that counts its requests."""

from __future__ import annotations

from typing import Any

import msgspec

from webstack.cli.daemon.looks.traffic import asked


class Incident(msgspec.Struct, frozen=True):
    """Holds what was wrong, from when to when in seconds of the clock; open without an end."""

    text: str
    began: float
    ended: float | None = None


class Alarms(msgspec.Struct, frozen=True):
    """Holds the incidents of the last days, oldest first, and who is told of them.

    ``error`` says what keeps messages from going out.
    """

    incidents: tuple[Incident, ...]
    silent_until: float
    channels: tuple[str, ...]
    error: str = ""


def alarms(api: Any, container: str, what: str = "") -> Alarms | None:
    """Give the alarms, after doing ``what``: ``test`` or ``silence=600``; None if it says none."""
    return asked(api, container, f"/alarms?{what}", Alarms)
