"""Runs the commands of a service before requests go to its new containers.

Their output is told line by line, within limits.
"""

from __future__ import annotations

import signal
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from infra.daemon.failures import ContainerError, without_writing
from infra.model.rollout_plan import ServiceRelease
from infra.rollout.events import (
    Event,
    LockedOut,
    OutputHeldBack,
    OutputLeftOut,
    OutputLine,
    PreparationBegan,
    Prepared,
    StillRunning,
    Timeline,
)
from infra.rollout.gate.symptoms import advice
from infra.rollout.running_containers import RunningCommand, RunningContainers
from infra.settings.sections import NAMESPACE
from webstack.contract import plain_text

MOST = 1_000_000
"""Characters of output that are told as they come: whoever shows them keeps them, too."""
SILENCE = 30.0
"""Seconds without output after which it is told that the command still runs."""
_LAST = 50
_KILLED = 128 + signal.SIGKILL
_WIDTH = 4000
_TICK = 0.5
_TRIES = 5
_PAUSE = 1.0
"""Seconds before the second try; each next pause is longer by as much."""
_OPTIONS = "-c lock_timeout={}s -c client_connection_check_interval=2s"
"""What sessions of these commands have: the server ends what they do soon after they are gone."""
_LOCKED_OUT = b"due to lock timeout"
"""The words of PostgreSQL for that."""


@dataclass
class Told:
    """Tells a command's output: its beginning, and the end if there is more."""

    service: str
    container: str
    timeline: Timeline
    began: float = field(default_factory=time.monotonic)
    heard: float = 0.0
    told: int = 0
    unseen: int = 0
    last: deque[bytes] = field(default_factory=lambda: deque(maxlen=_LAST))

    @property
    def seconds(self) -> float:
        """Give how many seconds the command has been running."""
        return time.monotonic() - self.began

    def hear(self, lines: Sequence[bytes]) -> None:
        """Tell lines, or only count them after too many.

        If no line came for a long time, tell that the command still runs.
        """
        if lines:
            self.heard = self.seconds
        elif self.seconds - self.heard >= SILENCE:
            self.heard = self.seconds
            self._tell(StillRunning)
        self.last.extend(lines)
        for number, line in enumerate(lines):
            if self.told >= MOST:
                self._leave_out(len(lines) - number)
                return
            self.told += len(line) + 1
            self._tell(OutputLine, text=shown(line))

    def end(self) -> None:
        """Tell the last of the lines that were only counted."""
        kept = [*self.last][-self.unseen :] if self.unseen else []
        if cut := self.unseen - len(kept):
            self._tell(OutputLeftOut, lines=cut)
        for line in kept:
            self._tell(OutputLine, text=shown(line))

    def succeed(self) -> None:
        """Tell that the command has ended well."""
        self._tell(Prepared)

    def repeat(self, waited: int) -> None:
        """Tell that the command is run again, since a lock was not to be had in so many seconds."""
        self._tell(LockedOut, waited=waited)

    def _leave_out(self, count: int) -> None:
        if not self.unseen:
            self._tell(OutputHeldBack)
        self.unseen += count

    def _tell(self, kind: Callable[..., Event], **more: object) -> None:
        self.timeline.tell(
            kind(service=self.service, container=self.container, running=self.seconds, **more)
        )


def prepare(
    containers: RunningContainers,
    name: str,
    service: ServiceRelease,
    command: tuple[str, ...],
    timeline: Timeline,
) -> None:
    """Run one command of a service in its first container; raises ContainerError if it fails.

    One that was not given a lock of the database in time is run again: the old release, which has
    the lock, is in nobody's way meanwhile.
    """
    container = service.replicas[0].container
    title = plain_text.line(" ".join(command))
    timeline.tell(PreparationBegan(service=name, container=container, command=title))
    waits = service.lock_timeout
    options = _OPTIONS.format(waits) if waits else ""
    for attempt in range(_TRIES):
        told = Told(name, container, timeline)
        given = {"PGOPTIONS": options} if options else None
        with containers.following(container, *command, environment=given) as running:
            ended = _heard(running, told, service.before_release_timeout)
            code = _exit_code(running) if ended else None
        told.end()
        if code == 0:
            told.succeed()
            return
        if not (waits and ended and _was_locked_out(told)) or attempt + 1 == _TRIES:
            break
        told.repeat(waits)
        time.sleep(_PAUSE * (attempt + 1))
    key = f"{NAMESPACE}:services.{name}.before_release_timeout"
    how = (
        f"failed in {container} (exit code {code})"
        if ended
        else f"was ended in {container} after {service.before_release_timeout} s; "
        f"it may have longer: {key}"
    )
    # One that was ended with its container says nothing; the container may.
    said = "\n".join(f"    {shown(line)}" for line in told.last)
    lines = said or containers.last_lines(container)
    way_out = without_writing(name, lines) or advice(name, lines)
    if not way_out and code == _KILLED and containers.status(container).status == "running":
        way_out = (
            "; it was killed, as happens to what needs more memory than its container has: give it "
            f"more in {NAMESPACE}:services.{name}.memory"
        )
    raise ContainerError(f"{title} {how}{way_out}\n{lines}".rstrip())


def shown(line: bytes) -> str:
    """Make a line of output safe to show, and cut it where it is too long."""
    text = plain_text.uncoloured(line[:_WIDTH].decode(errors="replace"))
    return plain_text.line(text.removesuffix("\r"))


def _heard(running: RunningCommand, told: Told, limit: float) -> bool:
    """Show what the command prints until its end; gives False if it does not end in time."""
    while (left := limit - told.seconds) > 0:
        lines, ended = running.hear(min(left, _TICK))
        told.hear(lines)
        if ended:
            return True
    return False


def _was_locked_out(told: Told) -> bool:
    return any(_LOCKED_OUT in line for line in told.last)


def _exit_code(running: RunningCommand) -> int | None:
    """Give the exit code; the daemon may know it a moment after the stream has closed."""
    for _ in range(10):
        if (code := running.exit_code()) is not None:
            return code
        time.sleep(0.1)
    return None
