"""Serves dynamic resources. Each carries its own provider, serialised, in a property.

Answers as the CLI's plugin for them does, so that either finds in the state what it would have
written itself.
"""

from __future__ import annotations

import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, TypeVar

from webstack.engine.model.provider import (
    UNKNOWN,
    Diff,
    Instance,
    Properties,
    PropertyChange,
    ProviderError,
)
from webstack.engine.model.values import from_sdk
from webstack.engine.planning.plan import compare
from webstack.engine.providers.importing import ONE_AT_A_TIME

_KEY: Final = "__provider"
_PYTHONS_OWN: Final = frozenset({*sys.stdlib_module_names, "builtins"})
_Result = TypeVar("_Result")


class DynamicProvider:
    """Serves ``pulumi-python:dynamic…``. Every call goes to the resource's own code."""

    def __init__(self, config: Mapping[str, Any], project: str) -> None:
        """Keep the stack's configuration for providers that have a ``configure`` method."""
        self._config = dict(config)
        self._project = project
        self._lock = threading.Lock()
        self._load = lru_cache(maxsize=None)(self._loaded)

    def check(self, type_: str, name: str, old: Properties | None, new: Properties) -> Properties:
        """Let the resource's code validate its inputs."""
        code = self._code(new, old)
        result = _calling(lambda: code.check(_sent(old or {}), _sent(new)))
        if result.failures:
            reasons = "; ".join(f"{item.property}: {item.reason}" for item in result.failures)
            raise ProviderError(f"{type_} resource '{name}' has a problem: {reasons}")
        return _properties({**result.inputs, _KEY: new[_KEY]})

    def diff(
        self, type_: str, id_: str, old_inputs: Properties, old_outputs: Properties, new: Properties
    ) -> Diff:
        """Let the resource's code compare. What it leaves open is a comparison of inputs."""
        code = self._code(new, old_outputs)
        result = _calling(lambda: code.diff(id_, _sent(old_outputs), _sent(new)))
        changes = compare(old_inputs, new)
        if result.changes is False or (result.changes is None and not changes):
            return Diff()
        return Diff(
            _marked(changes, set(result.replaces or ())), bool(result.delete_before_replace)
        )

    def planned_outputs(
        self, type_: str, new: Properties, old_outputs: Properties | None
    ) -> Properties:
        """Return the inputs, as the CLI does for a plugin without previews."""
        return dict(new)

    def create(self, type_: str, name: str, inputs: Properties, timeout: float | None) -> Instance:
        """Let the resource's code create it."""
        code = self._code(inputs)
        result = _calling(lambda: code.create(_sent(inputs)))
        return Instance(str(result.id), _properties({**(result.outs or {}), _KEY: inputs[_KEY]}))

    def update(
        self, type_: str, id_: str, old_inputs: Properties, old_outputs: Properties, new: Properties
    ) -> Properties:
        """Let the resource's code change it."""
        code = self._code(new)
        result = _calling(lambda: code.update(id_, _sent(old_outputs), _sent(new)))
        return _properties({**(result.outs or {}), _KEY: new[_KEY]})

    def delete(self, type_: str, id_: str, inputs: Properties, outputs: Properties) -> None:
        """Let the resource's code delete it."""
        code = self._code(outputs, inputs)
        _calling(lambda: code.delete(id_, _sent(outputs)))

    def read(
        self, type_: str, id_: str, inputs: Properties, outputs: Properties
    ) -> Instance | None:
        """Let the resource's code read it. No id means that it is gone."""
        known = outputs or inputs
        code = self._code(known)
        result = _calling(lambda: code.read(id_, _sent(known)))
        if not result.id:
            return None
        found = _properties({**(result.outs or {}), _KEY: known[_KEY]})
        if result.inputs is None:
            return Instance(result.id, found)
        return Instance(result.id, found, _properties({**result.inputs, _KEY: known[_KEY]}))

    def find(self, type_: str, name: str, inputs: Properties) -> Instance | None:
        """Return None: only the resource's code knows what it makes, and it makes it again."""
        return None

    def invoke(self, token: str, arguments: Mapping[str, Any]) -> Properties:
        """Refuse: there are no functions."""
        raise ProviderError(f"unknown function {token}")

    def _code(self, *bags: Properties | None) -> Any:
        for bag in bags:
            serialized = (bag or {}).get(_KEY)
            if serialized is not None and serialized != UNKNOWN:
                with self._lock:
                    return self._load(serialized)
        raise ProviderError("a dynamic resource without its provider cannot be managed")

    def _loaded(self, serialized: str) -> Any:
        from webstack.engine.sdk import sdk

        with ONE_AT_A_TIME:
            return _calling(lambda: sdk.load_dynamic(serialized, self._config, self._project))


def _marked(changes: tuple[PropertyChange, ...], replaces: set[str]) -> tuple[PropertyChange, ...]:
    listed = {change.path: change for change in changes}
    for key in sorted(replaces):
        kind = listed[key].kind if key in listed else "update"
        listed[key] = PropertyChange(key, kind, replaces=True)
    return tuple(listed.values()) or (PropertyChange("", "update"),)


def _sent(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return properties as they reach the code under the CLI.

    Every number is a float there, and what is null in an object is left out of it.
    """
    return {key: _as_sent(value) for key, value in values.items() if value is not None}


def _as_sent(value: Any) -> Any:
    if isinstance(value, dict):
        return _sent(value)
    if isinstance(value, list):
        return [_as_sent(item) for item in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _properties(values: Mapping[str, Any]) -> Properties:
    from webstack.engine.sdk import sdk

    return {key: from_sdk(value) for key, value in sdk.to_properties(values).items()}


def _calling(call: Callable[[], _Result]) -> _Result:
    try:
        return call()
    except ProviderError:
        raise
    except Exception as error:
        raise ProviderError(_told(error)) from error


def _told(error: Exception) -> str:
    """Return what an exception of the resource's code means to the user.

    One of a class of its own speaks for itself; one of Python's is a mistake in the code, which
    its traceback finds.
    """
    if type(error).__module__.partition(".")[0] not in _PYTHONS_OWN:
        return str(error)
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if _is_users(frame)]
    lines = [*traceback.format_list(frames), *traceback.format_exception_only(type(error), error)]
    return "".join(["Traceback (most recent call last):\n", *lines]).rstrip("\n")


def _is_users(frame: traceback.FrameSummary) -> bool:
    return not Path(frame.filename).is_relative_to(Path(__file__).parents[1])
