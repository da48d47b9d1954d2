"""Shows a run as text, line by line, as the Pulumi CLI does when it is not on a terminal."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final, TextIO

from webstack.contract import plain_text
from webstack.contract.go_durations import format_seconds
from webstack.engine.display import wording
from webstack.engine.display.render import differences, properties
from webstack.engine.model import urn as urns
from webstack.engine.model.events import (
    Diagnostic,
    Ended,
    Event,
    Outputs,
    Started,
    StepDone,
    StepFailed,
    StepStarted,
)
from webstack.engine.model.steps import Op, Step

_ROOT: Final = urns.STACK_TYPE


class TextDisplay:
    """Observes a run and writes to a stream, which must be opened before the program runs."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._messages: list[Diagnostic] = []
        self._stack = ""
        self._outputs = Outputs({}, {})

    def __call__(self, event: Event) -> None:
        """Write the lines of one event."""
        for line in self._lines(event):
            self._stream.write(f"{plain_text.line(plain_text.uncoloured(line))}\n")
        self._stream.flush()

    def _lines(self, event: Event) -> Iterator[str]:
        if isinstance(event, Started):
            yield from self._started(event)
        elif isinstance(event, StepStarted):
            yield from self._step_started(event)
        elif isinstance(event, StepDone):
            yield from self._step_done(event)
        elif isinstance(event, StepFailed):
            yield row(event.step, f"**{wording.FAILED.get(event.step.op, 'failed')}**")
        elif isinstance(event, Diagnostic):
            yield from self._message(event)
        elif isinstance(event, Outputs):
            self._outputs = event
        else:
            yield from self._ended(event)

    def _started(self, event: Started) -> Iterator[str]:
        self._messages, self._outputs = [], Outputs({}, {})
        self._stack = f"{event.project}-{event.stack}"
        title = f"Previewing {event.kind}" if event.preview else wording.TITLES[event.kind]
        yield f"{title} ({event.stack}):"

    def _step_started(self, event: StepStarted) -> Iterator[str]:
        step = event.step
        if event.preview or _is_silent(step) or step.op is Op.SAME:
            return
        yield row(step, f"{wording.DOING[step.op]} (0s)")

    def _step_done(self, event: StepDone) -> Iterator[str]:
        step = event.step
        if _is_silent(step) or (step.op is Op.SAME and not _options_changed(step)):
            return
        if event.preview:
            yield row(step, wording.FORESEEN[step.op])
            return
        seconds = f"{event.seconds:.2f}s" if event.seconds < 1 else f"{int(event.seconds)}s"
        done = wording.DONE[step.op]
        yield row(step, f"{done} ({seconds})" if done else "")

    def _message(self, event: Diagnostic) -> Iterator[str]:
        if not event.ephemeral:
            self._messages.append(event)
        first = prefixed(event).split("\n", 1)[0]
        type_, name = self._named(event.urn)
        yield f"    {type_} {name}  {first}".rstrip()

    def _named(self, urn: str) -> tuple[str, str]:
        if not urn:
            return _ROOT, self._stack
        return wording.short(urns.type_of(urn)), urns.name_of(urn)

    def _ended(self, event: Ended) -> Iterator[str]:
        if self._messages:
            yield "Diagnostics:"
            yield from self._diagnostics()
        yield from self._outputs_section(event)
        yield from summary(event)

    def _diagnostics(self) -> Iterator[str]:
        for urn in dict.fromkeys(message.urn for message in self._messages):
            yield "  {} ({}):".format(*self._named(urn))
            for message in self._messages:
                if message.urn == urn:
                    yield from (f"    {line}".rstrip() for line in prefixed(message).split("\n"))
            yield ""

    def _outputs_section(self, event: Ended) -> Iterator[str]:
        old, new = self._outputs.old, self._outputs.new
        if event.kind != "update" or not (old or new) or event.failed:
            return
        if old == new and event.preview:
            return
        yield "Outputs:"
        if old:
            yield from differences(old, new, 1, sames=not event.preview)
        else:
            yield from properties(new, 1)
        yield ""


def row(step: Step, status: str) -> str:
    """Return the line of one step: its sign, type, name, status and changed properties."""
    retained = step.untouched and not step.resource.external
    status = f"{status}[retain]" if retained and status else status
    resource = step.resource
    line = f" {wording.SIGNS[step.op]} {wording.short(resource.type)} {resource.name} {status}"
    return f"{line} {_difference(step)}".rstrip(" ") if status or step.changes else line


def summary(event: Ended) -> Iterator[str]:
    """Return the lines that count the operations which happened, or would happen."""
    yield "Resources:"
    changes = [(op, event.counts[op]) for op in wording.COUNTED if event.counts.get(op)]
    for op, count in changes:
        verb = f"to {op}" if event.preview else wording.PAST[op]
        yield f"    {wording.SIGNS[Op(op)]}{count} {verb}"
    pieces = []
    if len(changes) > 1:
        pieces.append(f"{sum(count for _, count in changes)} changes")
    if event.counts.get("same"):
        pieces.append(f"{event.counts['same']} unchanged")
    if pieces:
        yield f"    {'. '.join(pieces)}"
    if event.errored:
        yield f"    {event.errored} errored"
    if not event.preview:
        yield ""
        yield f"Duration: {format_seconds(math.ceil(event.seconds))}"
    yield ""


def _is_silent(step: Step) -> bool:
    return step.resource.is_default_provider or step.op is Op.REMOVE_PENDING_REPLACE


def _options_changed(step: Step) -> bool:
    return step.old is not None and step.new is not None and step.old.protect != step.new.protect


def _difference(step: Step) -> str:
    groups: dict[str, list[str]] = {"add": [], "delete": [], "update": []}
    kinds = {change.path: change.kind for change in step.changes}
    for key in step.changed:
        groups[kinds.get(key, "update")].append(key)
    if _options_changed(step):
        groups["update"].append("protect")
    signs = {"add": "+", "delete": "-", "update": "~"}
    parts = "".join(f"{signs[kind]}{','.join(keys)}" for kind, keys in groups.items() if keys)
    return f"[diff: {parts}]" if parts else ""


def prefixed(event: Diagnostic) -> str:
    """Return a message with its severity in front, unless the severity is information."""
    return event.message if event.severity == "info" else f"{event.severity}: {event.message}"
