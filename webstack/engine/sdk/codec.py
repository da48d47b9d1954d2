"""Decodes the SDK's requests into goals. What is not supported is refused by name.

The request objects come from the program's SDK.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from google.protobuf.json_format import MessageToDict  # type: ignore[import-untyped]
from google.protobuf.struct_pb2 import Struct  # type: ignore[import-untyped]
from pulumi.runtime.proto import resource_pb2

from webstack.contract.go_durations import parse_duration
from webstack.engine.model.errors import PlanError, UnsupportedError
from webstack.engine.model.goal import Alias, Goal
from webstack.engine.model.values import from_sdk, to_sdk
from webstack.engine.sdk.hooks import Occasion

_REFUSED: Final = {
    "remote": "a remote component",
    "state_migrations": "the option state_migrations",
    "packageRef": "a parameterized package",
    "pluginDownloadURL": "the option plugin_download_url",
    "hideDiffs": "the option hide_diffs",
    "envVarMappings": "the option env_var_mappings",
}


def goal_of(request: Any) -> Goal:
    """Decode a RegisterResourceRequest; raises UnsupportedError."""
    for field, what in _REFUSED.items():
        if getattr(request, field):
            raise UnsupportedError(f"{what} of resource {request.name}")
    if request.hooks.on_error:
        raise UnsupportedError(f"the error hook of resource {request.name}")
    return Goal(
        type=request.type,
        name=request.name,
        custom=request.custom,
        parent=request.parent,
        inputs=properties(request.object),
        provider=request.provider,
        version=request.version,
        dependencies=tuple(request.dependencies),
        property_dependencies={
            key: tuple(value.urns) for key, value in request.propertyDependencies.items()
        },
        protect=request.protect if request.HasField("protect") else None,
        retain_on_delete=request.retainOnDelete if request.HasField("retainOnDelete") else None,
        delete_before_replace=_order(request),
        ignore_changes=tuple(request.ignoreChanges),
        replace_on_changes=tuple(request.replaceOnChanges),
        additional_secret_outputs=tuple(request.additionalSecretOutputs),
        aliases=_aliases(request),
        import_id=request.importId,
        custom_timeouts=_timeouts(request.customTimeouts),
        deleted_with=request.deletedWith,
        replace_with=tuple(request.replace_with),
        replacement_trigger=from_sdk(MessageToDict(request.replacement_trigger))
        if request.HasField("replacement_trigger")
        else None,
        hooks=_hooks(request.hooks),
    )


def read_goal_of(request: Any) -> Goal:
    """Decode a ReadResourceRequest; raises UnsupportedError."""
    for field in ("packageRef", "pluginDownloadURL"):
        if getattr(request, field):
            raise UnsupportedError(f"{_REFUSED[field]} of resource {request.name}")
    return Goal(
        type=request.type,
        name=request.name,
        custom=True,
        parent=request.parent,
        inputs=properties(request.properties),
        provider=request.provider,
        version=request.version,
        dependencies=tuple(request.dependencies),
        additional_secret_outputs=tuple(request.additionalSecretOutputs),
        read_id=request.id,
    )


def occasion(told: Occasion) -> Any:
    """Encode what a hook is called with."""
    bags = ("new_inputs", "old_inputs", "new_outputs", "old_outputs")
    given = {name: getattr(told, name) for name in bags}
    return resource_pb2.ResourceHookRequest(
        urn=told.urn,
        id=told.id,
        name=told.name,
        type=told.type,
        **{name: struct(values) for name, values in given.items() if values is not None},
    )


def properties(struct: Struct) -> dict[str, Any]:
    """Decode an object of properties."""
    return {key: from_sdk(value) for key, value in MessageToDict(struct).items()}


def struct(values: Mapping[str, Any]) -> Struct:
    """Encode properties."""
    encoded = Struct()
    fill(encoded, values)
    return encoded


def fill(struct: Struct, values: Mapping[str, Any]) -> None:
    """Encode properties into a response."""
    struct.update(to_sdk(values))


def seconds(duration: str) -> float:
    """Return a duration in seconds, written as Go does: ``1h5m`` or ``90s``."""
    nanoseconds = parse_duration(duration)
    if nanoseconds is None or nanoseconds < 0:
        raise PlanError(f"custom timeout {duration!r} is not a duration such as 90s or 5m")
    whole, rest = divmod(nanoseconds, 10**9)
    return nanoseconds / 10**9 if rest else whole


def _order(request: Any) -> bool | None:
    if request.deleteBeforeReplaceDefined or request.deleteBeforeReplace:
        return bool(request.deleteBeforeReplace)
    return None


def _hooks(binding: Any) -> dict[str, tuple[str, ...]]:
    """Return the names of hooks by the CLI's names of their occasions: ``BeforeCreate``."""
    named = {field.name: tuple(getattr(binding, field.name)) for field in binding.DESCRIPTOR.fields}
    return {occasion.title().replace("_", ""): names for occasion, names in named.items() if names}


def _timeouts(timeouts: Any) -> dict[str, float]:
    named = {key: getattr(timeouts, key) for key in ("create", "update", "delete", "read")}
    return {key: seconds(text) for key, text in named.items() if text}


def _aliases(request: Any) -> tuple[Alias, ...]:
    listed = [Alias(urn=urn) for urn in request.aliasURNs]
    for alias in request.aliases:
        if alias.WhichOneof("alias") == "urn":
            listed.append(Alias(urn=alias.urn))
            continue
        spec = alias.spec
        listed.append(
            Alias(
                name=spec.name,
                type=spec.type,
                stack=spec.stack,
                project=spec.project,
                parent=spec.parentUrn,
                no_parent=spec.noParent,
            )
        )
    return tuple(listed)
