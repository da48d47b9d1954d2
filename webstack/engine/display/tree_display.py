"""Shows a run as ``--diff`` does: a tree of the resources that change, property by property."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, TextIO

from webstack.contract import plain_text
from webstack.engine.display import wording
from webstack.engine.display.render import differences, properties
from webstack.engine.display.text_display import prefixed, summary
from webstack.engine.model import urn as urns
from webstack.engine.model.events import (
    Diagnostic,
    Ended,
    Event,
    Outputs,
    Started,
    StepDone,
    StepStarted,
)
from webstack.engine.model.state import ResourceState
from webstack.engine.model.steps import Op, Step

_FOLDED: Final = frozenset({Op.CREATE_REPLACEMENT, Op.DELETE_REPLACED, Op.REMOVE_PENDING_REPLACE})


class TreeDisplay:
    """Observes a run and writes to a stream, which must be opened before the program runs."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._depths: dict[str, int] = {}

    def __call__(self, event: Event) -> None:
        """Write the lines of one event."""
        for line in self._lines(event):
            self._stream.write(f"{plain_text.line(plain_text.uncoloured(line))}\n")
        self._stream.flush()

    def _lines(self, event: Event) -> Iterator[str]:
        if isinstance(event, Started):
            title = f"Previewing {event.kind}" if event.preview else wording.TITLES[event.kind]
            yield f"{title} ({event.stack}):"
        elif isinstance(event, StepStarted) and event.step.op is not Op.REFRESH:
            yield from self._step(event.step)
        elif isinstance(event, StepDone) and event.step.op in (Op.UPDATE, Op.DELETE):
            if event.step.urn not in self._depths:
                yield from self._step(event.step)
        elif isinstance(event, Diagnostic):
            yield from prefixed(event).split("\n")
        elif isinstance(event, Outputs):
            yield from _outputs(event)
        elif isinstance(event, Ended):
            yield from summary(event)

    def _step(self, step: Step) -> Iterator[str]:
        resource = step.resource
        if resource.is_default_provider or step.op in _FOLDED:
            return
        depth = self._depths.get(resource.parent, -1) + 1
        if step.op is Op.SAME and resource.type != urns.STACK_TYPE:
            self._depths.setdefault(resource.urn, depth - 1 if depth else 0)
            return
        self._depths[resource.urn] = depth
        indent = "    " * depth
        yield f"{indent}{wording.SIGNS[step.op]}{resource.type}: ({step.op}){_lock(resource)}"
        yield from (f"{indent}    {line}" for line in _identity(step))
        yield from _properties(step, depth + 1)


def _identity(step: Step) -> Iterator[str]:
    if step.old is not None and step.old.id:
        yield f"[id={step.old.id}]"
    yield f"[urn={step.urn}]"
    provider = step.resource.provider
    if provider and urns.name_of(provider.rpartition("::")[0]) != "default":
        yield f"[provider={provider}]"


def _properties(step: Step, depth: int) -> Iterator[str]:
    if step.op is Op.SAME:
        return
    if step.new is None or step.old is None:
        yield from properties(_visible(step.resource.inputs), depth)
        return
    changed = set(step.changed) or None
    old, new = _visible(step.old.inputs, changed), _visible(step.new.inputs, changed)
    yield from differences(old, new, depth)


def _visible(inputs: Mapping[str, Any], only: set[str] | None = None) -> dict[str, Any]:
    return {key: value for key, value in inputs.items() if only is None or key in only}


def _lock(resource: ResourceState) -> str:
    return " 🔒" if resource.protect else ""


def _outputs(event: Outputs) -> Iterator[str]:
    lines = list(differences(event.old, event.new, 1)) if event.old else []
    lines = lines or (list(properties(event.new, 1)) if not event.old else [])
    if lines:
        yield "    --outputs:--"
        yield from lines
