"""Runs the hooks of resources: functions of the program, before and after a change."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from webstack.engine.model.errors import EngineError
from webstack.engine.model.events import Diagnostic, Observer
from webstack.engine.model.provider import UNKNOWN, ProviderError
from webstack.engine.model.state import ResourceState
from webstack.engine.model.steps import Op, Step

_OCCASIONS: Final[Mapping[Op, str]] = {
    Op.CREATE: "Create",
    Op.CREATE_REPLACEMENT: "Create",
    Op.UPDATE: "Update",
    Op.DELETE: "Delete",
    Op.DELETE_REPLACED: "Delete",
}
Values = Mapping[str, Any]


class Occasion(msgspec.Struct, frozen=True):
    """Describes the change that a hook runs before or after."""

    urn: str
    id: str
    name: str
    type: str
    new_inputs: Values | None = None
    old_inputs: Values | None = None
    new_outputs: Values | None = None
    old_outputs: Values | None = None


class Hook(msgspec.Struct, frozen=True):
    """Calls a function of the program. It returns what went wrong, an empty text for nothing."""

    call: Callable[[Occasion], str]
    in_previews: bool = False
    ignores_errors: bool = False


class Hooks:
    """Holds the hooks of one run by name. It is safe to use from several threads."""

    def __init__(self, observe: Observer, *, preview: bool) -> None:
        self._observe = observe
        self._preview = preview
        self._lock = threading.Lock()
        self._hooks: dict[str, Hook] = {}
        self._waiting: dict[str, Step] = {}

    def register(self, name: str, hook: Hook) -> None:
        """Register a hook, to which resources may then refer."""
        with self._lock:
            if name in self._hooks:
                raise EngineError(f'resource hook "{name}" is already registered')
            self._hooks[name] = hook

    def before(self, step: Step) -> None:
        """Run the hooks that come before a step; raises ProviderError, which forbids the step."""
        if step.op in _OCCASIONS:
            self._run("Before", step, _begun(step))

    def after(self, step: Step, resource: ResourceState) -> None:
        """Run the hooks that come after a step; raises ProviderError.

        That of a component waits until its program has computed its outputs.
        """
        if step.op not in _OCCASIONS:
            return
        done = replace(step, new=resource) if step.new is not None else step
        if resource.custom or step.new is None:
            self._run("After", done, _ended(done))
            return
        with self._lock:
            self._waiting[step.urn] = done

    def completed(self, component: ResourceState) -> None:
        """Run the hooks that come after a component's step, now that its outputs are known."""
        with self._lock:
            step = self._waiting.pop(component.urn, None)
        if step is not None:
            done = replace(step, new=component)
            self._run("After", done, _ended(done))

    def _run(self, moment: str, step: Step, occasion: Occasion) -> None:
        kind = f"{moment}{_OCCASIONS[step.op]}"
        for name in step.resource.hooks.get(kind, ()):
            with self._lock:
                hook = self._hooks.get(name)
            if hook is None:
                raise ProviderError(
                    f'hook "{name}" was not registered: it runs only where the program runs and '
                    "declares it"
                )
            if self._preview and not hook.in_previews:
                continue
            self._called(kind, name, hook, occasion)

    def _called(self, kind: str, name: str, hook: Hook, occasion: Occasion) -> None:
        try:
            failure = hook.call(occasion)
        except EngineError as error:
            failure = str(error)
        if not failure:
            return
        if not hook.ignores_errors:
            moment = "before" if kind.startswith("Before") else "after"
            raise ProviderError(f'{moment} hook "{name}" failed: {failure}')
        text = f'{kind} hook "{name}" failed: {failure}'
        self._observe(Diagnostic("warning", text, occasion.urn))


def _begun(step: Step) -> Occasion:
    old, new = step.old, step.new
    if new is None:
        return _ended(step)
    if step.op is not Op.UPDATE or old is None:
        return _of(new, "", new_inputs=new.inputs)
    return _of(new, old.id, new_inputs=new.inputs, old_inputs=old.inputs, old_outputs=old.outputs)


def _ended(step: Step) -> Occasion:
    old, new = step.old, step.new
    if new is None:
        gone = step.resource
        return _of(gone, gone.id, old_inputs=gone.inputs, old_outputs=gone.outputs)
    if step.op is not Op.UPDATE or old is None:
        return _of(new, new.id, new_inputs=new.inputs, new_outputs=new.outputs)
    return _of(
        new,
        new.id,
        new_inputs=new.inputs,
        old_inputs=old.inputs,
        new_outputs=new.outputs,
        old_outputs=old.outputs,
    )


def _of(resource: ResourceState, id_: str, **values: Values) -> Occasion:
    known = "" if id_ == UNKNOWN else id_
    return Occasion(resource.urn, known, resource.name, resource.type, **values)
