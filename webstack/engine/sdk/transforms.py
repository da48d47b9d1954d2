"""Applies transforms: functions of the program that change what is registered.

A resource's own come first, then those of its parents, then the stack's, as in the CLI.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from typing import Any

from google.protobuf.json_format import MessageToDict  # type: ignore[import-untyped]
from google.protobuf.struct_pb2 import Struct  # type: ignore[import-untyped]
from pulumi.runtime.proto import resource_pb2

from webstack.engine.model.values import as_outputs, dependencies_in, depending_on
from webstack.engine.sdk import transform_options as options
from webstack.engine.sdk.callbacks import Call, Callbacks


class Transforms:
    """Holds the transforms of one run. It is safe to use from several threads."""

    def __init__(self, callbacks: Callbacks) -> None:
        self._callbacks = callbacks
        self._lock = threading.Lock()
        self._stack: list[Call] = []
        self._own: dict[str, tuple[Call, ...]] = {}
        self._parents: dict[str, str] = {}

    def add_to_stack(self, callback: Any) -> None:
        """Register a transform for every later resource."""
        with self._lock:
            self._stack.append(self._callbacks.bound(callback))

    def note(self, urn: str, request: Any) -> None:
        """Remember a resource's transforms for its children."""
        own = tuple(self._callbacks.bound(callback) for callback in request.transforms)
        with self._lock:
            self._own[urn], self._parents[urn] = own, request.parent

    def applied(self, request: Any) -> Any:
        """Return the registration after all its transforms; raises ProgramError."""
        calls = [self._callbacks.bound(callback) for callback in request.transforms]
        with self._lock:
            calls += [*self._inherited(request.parent), *self._stack]
        if not calls:
            return request
        properties, chosen = _properties(request), options.of(request)
        for call in calls:
            properties, chosen = _transformed(call, request, properties, chosen)
        return _changed(request, properties, chosen)

    def _inherited(self, urn: str) -> Iterator[Call]:
        while urn:
            yield from self._own.get(urn, ())
            urn = self._parents.get(urn, "")


def _transformed(call: Call, request: Any, properties: Struct, chosen: Any) -> tuple[Struct, Any]:
    asked = resource_pb2.TransformRequest(
        type=request.type,
        name=request.name,
        custom=request.custom,
        parent=request.parent,
        properties=properties,
        options=chosen,
    )
    answer = resource_pb2.TransformResponse.FromString(call(asked.SerializeToString()))
    return (
        answer.properties if answer.HasField("properties") else properties,
        answer.options if answer.HasField("options") else chosen,
    )


def _properties(request: Any) -> Struct:
    """Return the properties as transforms see them.

    To the resource's own transforms what comes from other resources is an output that knows them.
    """
    given = as_outputs(MessageToDict(request.object))
    if request.transforms:
        needed = _property_dependencies(request, given)
        given = {key: depending_on(value, needed.get(key, ())) for key, value in given.items()}
    struct = Struct()
    struct.update(given)
    return struct


def _property_dependencies(
    request: Any, properties: Mapping[str, Any]
) -> dict[str, tuple[str, ...]]:
    if not request.propertyDependencies:
        return {key: tuple(request.dependencies) for key in properties}
    return {key: tuple(found.urns) for key, found in request.propertyDependencies.items()}


def _changed(request: Any, properties: Struct, chosen: Any) -> Any:
    changed = resource_pb2.RegisterResourceRequest()
    changed.CopyFrom(request)
    changed.object.CopyFrom(properties)
    options.put(chosen, changed)
    found = {key: dependencies_in(value) for key, value in MessageToDict(properties).items()}
    if request.transforms:
        needed = {key: sorted(urns) for key, urns in found.items()}
        everything = {*chosen.depends_on, *(urn for urns in needed.values() for urn in urns)}
    else:
        given = _property_dependencies(request, found)
        needed = {key: sorted(urns | set(given.get(key, ()))) for key, urns in found.items()}
        everything = {*request.dependencies, *chosen.depends_on}
    changed.dependencies[:] = sorted(everything)
    changed.propertyDependencies.clear()
    for key, urns in needed.items():
        changed.propertyDependencies[key].urns[:] = urns
    return changed
