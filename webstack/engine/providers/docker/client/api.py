"""Defines what the provider asks of the Docker daemon: its HTTP API, and errors in words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, Protocol

from webstack.docker.api.base import filtered
from webstack.engine.model.provider import ProviderError

NOT_FOUND: Final = 404
CONFLICT: Final = 409


class DaemonUnreachableError(ProviderError):
    """Reports that nobody answers at the daemon's address, or that the answer broke off."""


class DaemonRefusedError(ProviderError):
    """Reports an error answer: ``status`` is HTTP's, ``reason`` the daemon's own words."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(explain(reason))
        self.status = status
        self.reason = reason


class DaemonApi(Protocol):
    """Calls the Docker daemon's API. Paths are written without the version."""

    def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float = 60,
    ) -> Any:
        """Make a call, limited to ``timeout`` seconds; returns its JSON answer or None."""

    def stream(
        self,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        content: Iterable[bytes] | bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Iterator[dict[str, Any]]:
        """Make a POST and yield the JSON objects of its answer as they arrive."""

    def read(self, path: str, *, query: Mapping[str, Any] | None = None) -> bytes:
        """Make a GET and return the bytes of the answer."""

    def api_version(self) -> tuple[int, ...]:
        """Return the version of the API that the daemon speaks."""


def inspect(daemon: DaemonApi, path: str) -> Any:
    """Make a GET and return its JSON answer; returns None for status 404."""
    try:
        return daemon.call("GET", path)
    except DaemonRefusedError as error:
        if error.status == NOT_FOUND:
            return None
        raise


def explain(reason: str, said: str = "") -> str:
    """Write the daemon's error in one line, with the way out where it is known.

    ``said`` is what it wrote before, such as the output of a build.
    """
    line = re.sub(r"^rpc error: code = \w+ desc = ", "", " ".join(reason.split()))
    if "no space left on device" in f"{line} {said}".lower():
        return f"no disk space left for the Docker daemon; see `docker system df`: {line}"
    if re.search(r"\bnetwork \S+ not found", line):
        return f"{line}; if it was removed by hand, `webstack up --refresh` makes it again"
    return line


def filters(**wanted: str) -> dict[str, str | None]:
    """Return the query of a list that shows only what matches."""
    return {"filters": filtered(wanted)}
