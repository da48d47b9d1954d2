"""Shows an operation of the embedded engine: Pulumi's lines, and on a terminal what runs."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from typing import TextIO, cast

from webstack.cli.terminal.progress import Step, Terminal
from webstack.engine.display.text_display import TextDisplay
from webstack.engine.display.tree_display import TreeDisplay
from webstack.engine.model.events import Diagnostic, Event, StepDone, StepFailed, StepStarted
from webstack.engine.model.steps import Op

Observer = Callable[[Event], None]

DOING = {
    Op.CREATE: "creating",
    Op.CREATE_REPLACEMENT: "replacing",
    Op.UPDATE: "updating",
    Op.DELETE: "deleting",
    Op.DELETE_REPLACED: "deleting",
    Op.READ: "reading",
    Op.REFRESH: "refreshing",
}


def observer(*, diff: bool = False) -> Observer:
    """Choose by what standard output is, before the program runs and takes it over.

    With ``diff`` the text is a tree of what changes, property by property.
    """
    display = TreeDisplay if diff else TextDisplay
    out = sys.stdout
    if not (out.isatty() and sys.stderr.isatty()):
        return display(out)
    terminal = Terminal(sys.stderr)
    return LiveDisplay(terminal, display(cast(TextIO, _Above(terminal, out))))


class LiveDisplay:
    """Passes events on to the text display, and keeps a line of running steps below it."""

    def __init__(self, terminal: Terminal, text: Observer) -> None:
        self._terminal = terminal
        self._text = text
        self._running: dict[str, Step] = {}
        self._done = 0

    def __call__(self, event: Event) -> None:
        """Show one event."""
        if isinstance(event, Diagnostic) and event.ephemeral:
            if event.urn in self._running:
                self._running[event.urn].at(event.message)
            return
        if isinstance(event, StepStarted) and not event.preview and event.step.op in DOING:
            label = f"{DOING[event.step.op]} {event.step.resource.name}"
            self._running[event.step.urn] = self._terminal.begin(label)
        elif isinstance(event, (StepDone, StepFailed)):
            step = self._running.pop(event.step.urn, None)
            if step:
                self._terminal.end(step)
        self._text(event)


class _Above(io.TextIOBase):
    """Writes lines above the line that is redrawn."""

    def __init__(self, terminal: Terminal, out: TextIO) -> None:
        self._terminal = terminal
        self._out = out

    def write(self, text: str) -> int:
        """Write whole lines."""
        self._terminal.print_above(self._out, text)
        return len(text)
