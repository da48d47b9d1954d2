"""Describes what happens while a release goes live, as values that listeners receive.

The terminal, the record of a release, notifications and metrics listen to the same events. Each
makes of them what it likes.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Protocol

import msgspec


class Event(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Tells of something that happened; ``seconds`` counts from the beginning of the release."""

    seconds: float = 0.0


class _OfContainer(Event, frozen=True, kw_only=True):
    """Tells of one container of a service."""

    service: str
    container: str


class _OfCommand(_OfContainer, frozen=True, kw_only=True):
    """Tells of a command that a service runs before requests go to its new containers.

    ``running`` is how many seconds the command had been running.
    """

    running: float = 0.0


class Started(Event, frozen=True, kw_only=True):
    """Tells that a container runs: it was started now, or was running before."""

    container: str


class Checked(Event, frozen=True, kw_only=True):
    """Tells that the proxy in ``container`` finds the new configuration good."""

    container: str


class Healthy(_OfContainer, frozen=True, kw_only=True):
    """Tells that a container has answered as its service's health check wants."""


class Alive(_OfContainer, frozen=True, kw_only=True):
    """Tells that a container runs and can be prepared; its health is asked for afterwards."""


class Unhealthy(_OfContainer, frozen=True, kw_only=True):
    """Tells that a container does not go live, for ``reason``."""

    reason: str


class PreparationBegan(_OfContainer, frozen=True, kw_only=True):
    """Tells that a command of a service begins; ``command`` is its text, safe to show."""

    command: str


class OutputLine(_OfCommand, frozen=True, kw_only=True):
    """Tells that the command has printed a line; ``text`` is safe to show."""

    text: str


class StillRunning(_OfCommand, frozen=True, kw_only=True):
    """Tells that the command runs and has printed nothing for a long time."""


class LockedOut(_OfCommand, frozen=True, kw_only=True):
    """Tells that the command got no lock within ``waited`` seconds, and is run again."""

    waited: int


class OutputHeldBack(_OfCommand, frozen=True, kw_only=True):
    """Tells that the command has printed more than is told; its last lines follow at its end."""


class OutputLeftOut(_OfCommand, frozen=True, kw_only=True):
    """Tells how many ``lines`` of the command's output are left out."""

    lines: int


class Prepared(_OfCommand, frozen=True, kw_only=True):
    """Tells that the command has ended well."""


class Stopped(_OfContainer, frozen=True, kw_only=True):
    """Tells that a container of a role does not run any more: another one takes its place."""


class OutsidePrefix(_OfContainer, frozen=True, kw_only=True):
    """Tells that a service names addresses outside of its path, for ``reason``.

    Browsers do not find what such an address means.
    """

    reason: str


class Gated(Event, frozen=True, kw_only=True):
    """Tells that all containers are ready for users."""


class Copied(_OfContainer, frozen=True, kw_only=True):
    """Tells that the proxy has copied the static files of a service from ``container``.

    ``files`` is their number.
    """

    files: int


class Switched(_OfContainer, frozen=True, kw_only=True):
    """Tells that requests reach a container from now on."""


class Drained(Event, frozen=True, kw_only=True):
    """Tells that requests in an old container are no longer waited for.

    ``socket`` names the container, which is of ``service``.
    """

    service: str
    socket: str


class NotWritable(_OfContainer, frozen=True, kw_only=True):
    """Tells that a service's user cannot make files in the ``folder`` of a volume with files.

    ``way_out`` is a command that gives the volume to the user.
    """

    folder: str
    way_out: str


class FilesNotRestored(Event, frozen=True, kw_only=True):
    """Tells that old static files of ``service`` cannot come back, for ``reason``.

    They belong to an earlier release.
    """

    service: str
    reason: str


class FilesLost(Event, frozen=True, kw_only=True):
    """Tells how many static ``files`` of earlier releases are gone for good."""

    files: int


class Failed(Event, frozen=True, kw_only=True):
    """Tells that the release does not go live, for ``reason``; users are served as before."""

    reason: str


class Observer(Protocol):
    """Listens to events. It may be called from several threads, and must not raise."""

    def __call__(self, event: Event, /) -> object:
        """Take note of an event."""


def silent(_event: Event, /) -> None:
    """Ignore an event."""


@dataclass(frozen=True)
class Timeline:
    """Tells an observer what happens, with the seconds since the release began."""

    observer: Observer = silent
    began: float = field(default_factory=time.monotonic)

    def tell(self, event: Event) -> None:
        """Tell the observer of an event that happens now."""
        seconds = time.monotonic() - self.began
        self.observer(msgspec.structs.replace(event, seconds=seconds))
