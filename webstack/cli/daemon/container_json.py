"""Reads what programs in containers say of themselves, as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec

from webstack.docker.errors import DaemonError

_Said = TypeVar("_Said")


def json_of(api: Any, container: str, command: Sequence[str], kind: type[_Said]) -> _Said | None:
    """Run a command in a container, and give what it says; None if it cannot say it."""
    try:
        job = api.exec_create(container, list(command), stderr=False)["Id"]
        return msgspec.json.decode(api.exec_start(job), type=kind)
    except (DaemonError, msgspec.DecodeError):
        return None
