"""Writes the lines that a user sees while a release goes live."""

from __future__ import annotations

import sys

from infra.rollout.events import (
    Event,
    FilesLost,
    FilesNotRestored,
    LockedOut,
    NotWritable,
    OutputHeldBack,
    OutputLeftOut,
    OutputLine,
    OutsidePrefix,
    PreparationBegan,
    Prepared,
    StillRunning,
)
from infra.settings.sections import NAMESPACE


def show(event: Event) -> None:
    """Print the line of an event to standard error, if it has one."""
    shown = line(event)
    if shown is not None:
        print(shown, file=sys.stderr, flush=True)


def line(event: Event) -> str | None:
    """Give what the terminal says of an event; None if it says nothing."""
    match event:
        case PreparationBegan(service=service, command=command):
            return f"{service}: {command}"
        case OutputLine(running=running, text=text):
            return _beside(running, text)
        case StillRunning(running=running):
            return _beside(running, "(still running)")
        case LockedOut(running=running, waited=waited):
            return _beside(running, f"(no lock within {waited} s: others have it; once more)")
        case OutputHeldBack(running=running):
            return _beside(running, "(more than can be shown; the last lines follow)")
        case OutputLeftOut(running=running, lines=lines):
            return _beside(running, f"({lines} lines are not shown)")
        case Prepared(running=running, service=service):
            return _beside(running, f"{service}: done")
        case FilesNotRestored(service=service, reason=reason):
            return f"static files of {service} cannot come back: {reason}"
        case FilesLost(files=files):
            return f"{files} static files of earlier releases are gone for good"
        case _:
            return _warning(event)


def _warning(event: Event) -> str | None:
    """Warn of a service that goes live, but may not do what is wanted of it; None for others."""
    match event:
        case NotWritable(service=service, folder=folder, way_out=way_out):
            return f"{service}: its user cannot make files in {folder}; where it is to: {way_out}"
        case OutsidePrefix(service=service, reason=reason):
            return f"warning: {service}: {reason} ({NAMESPACE}:services.{service})"
        case _:
            return None


def _beside(seconds: float, text: str) -> str:
    """Give a line with the time that its command had been running."""
    return f"    {seconds:6.1f} s  {text}"
