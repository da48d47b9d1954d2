"""Collects a preview into the JSON document that ``pulumi preview --json`` prints."""

from __future__ import annotations

import json
from typing import Any, Final

from webstack.engine.model import urn as urns
from webstack.engine.model.events import Diagnostic, Ended, Event, Started, StepDone, StepStarted
from webstack.engine.model.provider import PropertyChange
from webstack.engine.model.state import ResourceState
from webstack.engine.model.steps import Op, Step
from webstack.engine.model.values import Secret
from webstack.engine.storage.resource_json import encode

# Halves of a replacement are folded into its one step.
_FOLDED: Final = frozenset(
    {
        Op.CREATE_REPLACEMENT,
        Op.DELETE_REPLACED,
        Op.DISCARD_REPLACED,
        Op.READ_REPLACEMENT,
        Op.IMPORT_REPLACEMENT,
    }
)


class PreviewDigest:
    """Observes a preview and keeps what the document needs."""

    def __init__(self) -> None:
        self._config: dict[str, str] = {}
        self._steps: list[dict[str, Any]] = []
        self._refreshing: dict[str, int] = {}
        self._finds_out = False
        self._diagnostics: list[dict[str, str]] = []
        self._end: Ended | None = None

    def __call__(self, event: Event) -> None:
        """Record one event."""
        if isinstance(event, Started):
            self._config = dict(event.config)
            self._finds_out = event.kind == "refresh"
        elif isinstance(event, StepStarted) and _is_shown(event.step):
            if event.step.op is Op.REFRESH:
                self._refreshing[event.step.urn] = len(self._steps)
            self._steps.append(_step(event.step))
        elif isinstance(event, StepDone) and event.step.urn in self._refreshing:
            index = self._refreshing.pop(event.step.urn)
            if self._finds_out and event.step.op is not Op.SAME:
                self._steps[index] = _step(event.step)
        elif isinstance(event, Diagnostic) and not event.ephemeral:
            self._diagnostics.append(_diagnostic(event))
        elif isinstance(event, Ended):
            self._end = event

    def document(self) -> dict[str, Any]:
        """Return the document. Call it after the preview has ended."""
        document: dict[str, Any] = {}
        if self._config:
            document["config"] = self._config
        if self._steps:
            document["steps"] = self._steps
        if self._diagnostics:
            document["diagnostics"] = self._diagnostics
        document["duration"] = int((self._end.seconds if self._end else 0) * 1e9)
        document["changeSummary"] = dict(sorted(self._end.counts.items())) if self._end else {}
        return document

    def __str__(self) -> str:
        return json.dumps(self.document(), indent=4, ensure_ascii=False)


def _is_shown(step: Step) -> bool:
    if step.resource.is_default_provider or step.op in _FOLDED:
        return False
    if step.op is not Op.SAME or step.resource.type == urns.STACK_TYPE:
        return True
    return step.old is not None and step.old.protect != step.resource.protect


def _step(step: Step) -> dict[str, Any]:
    item: dict[str, Any] = {"op": step.op.value, "urn": step.urn}
    if step.resource.provider:
        item["provider"] = step.resource.provider
    if step.old is not None:
        item["oldState"] = _state(step.old)
    if step.new is not None:
        item["newState"] = _state(step.new)
    if step.changed:
        item["diffReasons"] = list(step.changed)
    if step.keys:
        item["replaceReasons"] = list(step.keys)
    item["detailedDiff"] = _detailed(step.changes)
    return item


def _detailed(changes: tuple[PropertyChange, ...]) -> dict[str, Any] | None:
    detailed = {
        change.path: {
            "kind": f"{change.kind}-replace" if change.replaces else change.kind,
            "inputDiff": False,
        }
        for change in changes
        if change.path
    }
    return detailed or None


def _state(resource: ResourceState) -> dict[str, Any]:
    return encode(resource, _blanked)


def _blanked(_secret: Secret) -> str:
    return "[secret]"


def _diagnostic(event: Diagnostic) -> dict[str, str]:
    prefix = "" if event.severity == "info" else f"{event.severity}: "
    item = {"urn": event.urn} if event.urn else {}
    return {**item, "message": f"{prefix}{event.message}\n", "severity": event.severity}
