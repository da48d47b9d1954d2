"""What happens while a release goes live, as values that whoever listens makes of what it likes.

The terminal, the record of a release, notifications and metrics listen to the same events.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Protocol

import msgspec


class Event(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Something that has happened, so many seconds after the release began."""

    seconds: float = 0.0


class _OfContainer(Event, frozen=True, kw_only=True):
    """It happened to one container of a service."""

    service: str
    container: str


class _OfCommand(_OfContainer, frozen=True, kw_only=True):
    """It happened to a command that a service runs before it is switched to.

    ``running`` is how many seconds the command had been running.
    """

    running: float = 0.0


class Started(Event, frozen=True, kw_only=True):
    """A container runs: it was started, or was running before."""

    container: str


class Checked(Event, frozen=True, kw_only=True):
    """The proxy in ``container`` finds the new configuration good."""

    container: str


class Healthy(_OfContainer, frozen=True, kw_only=True):
    """A container has answered as its service's health check wants."""


class Alive(_OfContainer, frozen=True, kw_only=True):
    """A container runs and can be prepared; it is asked for its health afterwards."""


class Unhealthy(_OfContainer, frozen=True, kw_only=True):
    """A container does not go live, for ``reason``."""

    reason: str


class PreparationBegan(_OfContainer, frozen=True, kw_only=True):
    """A command of a service begins; ``command`` as it may be shown."""

    command: str


class OutputLine(_OfCommand, frozen=True, kw_only=True):
    """The command has printed a line; ``text`` as it may be shown."""

    text: str


class StillRunning(_OfCommand, frozen=True, kw_only=True):
    """The command runs and has printed nothing for long."""


class OutputHeldBack(_OfCommand, frozen=True, kw_only=True):
    """The command has printed more than is told; its last lines follow at its end."""


class OutputLeftOut(_OfCommand, frozen=True, kw_only=True):
    """So many ``lines`` of the command's output are not told."""

    lines: int


class Prepared(_OfCommand, frozen=True, kw_only=True):
    """The command has ended well."""


class Stopped(_OfContainer, frozen=True, kw_only=True):
    """A container of a role does not run any more: another one takes its place."""


class OutsidePrefix(_OfContainer, frozen=True, kw_only=True):
    """A service says addresses that browsers do not find under its path, for ``reason``."""

    reason: str


class Gated(Event, frozen=True, kw_only=True):
    """All containers are ready for users."""


class Copied(_OfContainer, frozen=True, kw_only=True):
    """The proxy has the static files of a service, ``files`` in number, from ``container``."""

    files: int


class Switched(_OfContainer, frozen=True, kw_only=True):
    """Requests reach a container from now on."""


class Drained(Event, frozen=True, kw_only=True):
    """No request is waited for any more that is in a container of ``service``, by its socket."""

    service: str
    socket: str


class NotWritable(_OfContainer, frozen=True, kw_only=True):
    """A service's user cannot make files in the ``folder`` of a volume, which holds some.

    ``way_out`` is a command that makes it the user's own.
    """

    folder: str
    way_out: str


class FilesNotRestored(Event, frozen=True, kw_only=True):
    """Static files of an earlier release of ``service`` cannot come back, for ``reason``."""

    service: str
    reason: str


class FilesLost(Event, frozen=True, kw_only=True):
    """So many static ``files`` of earlier releases are gone for good."""

    files: int


class Failed(Event, frozen=True, kw_only=True):
    """The release does not go live, for ``reason``; users are served as before."""

    reason: str


class Observer(Protocol):
    """Whoever listens; it may be called from several threads, and must not raise."""

    def __call__(self, event: Event, /) -> object:
        """Take note of an event."""


def silent(_event: Event, /) -> None:
    """Take no note of it."""


@dataclass(frozen=True)
class Timeline:
    """Tells an observer what happens, with the seconds since the release began."""

    observer: Observer = silent
    began: float = field(default_factory=time.monotonic)

    def tell(self, event: Event) -> None:
        """Tell an event as of now."""
        seconds = time.monotonic() - self.began
        self.observer(msgspec.structs.replace(event, seconds=seconds))
