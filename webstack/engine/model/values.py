"""Holds property values: plain JSON values, and `Secret` around secret ones.

On the wire and in the state special values are objects with a signature key. Secrets become
`Secret`; unknowns stay Pulumi's sentinel string; resource references stay as they are; assets and
archives are refused, since no resource that the engine serves takes them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from webstack.engine.model.errors import UnsupportedError
from webstack.engine.model.provider import UNKNOWN

SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - a type tag, not a secret
REFERENCE: Final = "5cf8f73096256a8f31e491e813e4eb8e"
OUTPUT: Final = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
_REFUSED: Final = {
    "c44067f5952c0a294b673a41bacd8c17": "an asset as a property value",
    "0def7320c3a5731c473e5ecbe6d01bc7": "an archive as a property value",
}


@dataclass(frozen=True)
class Secret:
    """Marks a value as secret. ``sealed`` is the ciphertext that it was read from, if any."""

    value: Any
    sealed: str | None = field(default=None, compare=False)

    def __repr__(self) -> str:
        return "[secret]"


def from_sdk(value: Any) -> Any:
    """Decode a value that the program's SDK sent; whole numbers become ints."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [from_sdk(item) for item in value]
    if not isinstance(value, dict):
        return value
    signature = value.get(SIGNATURE)
    if signature is None:
        return {key: from_sdk(item) for key, item in value.items()}
    return _from_special(signature, value)


def _from_special(signature: str, value: dict[str, Any]) -> Any:
    if signature == SECRET:
        return Secret(plain(from_sdk(value.get("value"))))
    if signature == OUTPUT:
        inner = from_sdk(value["value"]) if "value" in value else UNKNOWN
        return Secret(plain(inner)) if value.get("secret") else inner
    if signature == REFERENCE:
        return value
    raise UnsupportedError(_REFUSED.get(signature, "a property value of an unknown kind"))


def as_outputs(value: Any) -> Any:
    """Turn secrets and unknowns of the SDK's format into output values, for transforms."""
    if value == UNKNOWN:
        return {SIGNATURE: OUTPUT}
    if isinstance(value, list):
        return [as_outputs(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get(SIGNATURE) != SECRET:
        return {key: as_outputs(item) for key, item in value.items()}
    inner = value.get("value")
    known = {} if inner == UNKNOWN else {"value": as_outputs(inner)}
    return {SIGNATURE: OUTPUT, "secret": True, **known}


def depending_on(value: Any, urns: Collection[str]) -> Any:
    """Make a value of the SDK's format an output value that depends on the given resources."""
    if dependencies_in(value).issuperset(urns):
        return value
    if not (isinstance(value, dict) and value.get(SIGNATURE) == OUTPUT):
        value = {SIGNATURE: OUTPUT, "value": value}
    return {**value, "dependencies": sorted({*value.get("dependencies", ()), *urns})}


def dependencies_in(value: Any) -> set[str]:
    """Return the URNs that output values anywhere in a value of the SDK's format depend on."""
    if isinstance(value, list):
        return {urn for item in value for urn in dependencies_in(item)}
    if not isinstance(value, dict):
        return set()
    own = value.get("dependencies", ()) if value.get(SIGNATURE) == OUTPUT else ()
    return {*own, *(urn for item in value.values() for urn in dependencies_in(item))}


def to_sdk(value: Any) -> Any:
    """Encode a value for the program's SDK."""
    if isinstance(value, Secret):
        return {SIGNATURE: SECRET, "value": to_sdk(value.value)}
    if isinstance(value, Mapping):
        return {key: to_sdk(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_sdk(item) for item in value]
    return value


def plain(value: Any) -> Any:
    """Unwrap secrets at any depth. Always returns a new structure."""
    if isinstance(value, Secret):
        return plain(value.value)
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


def shown(value: Any, *, secrets: bool = False) -> Any:
    """Return a value for display. Secrets are blanked at any depth unless they may be shown."""
    if secrets:
        return plain(value)
    if isinstance(value, Secret):
        return "[secret]"
    if isinstance(value, Mapping):
        return {key: shown(item) for key, item in value.items()}
    return [shown(item) for item in value] if isinstance(value, (list, tuple)) else value


def for_provider(value: Any) -> Any:
    """Unwrap secrets, and turn resource references into the ids that providers understand."""
    value = value.value if isinstance(value, Secret) else value
    if isinstance(value, Mapping):
        if value.get(SIGNATURE) == REFERENCE:
            return for_provider(value.get("id", value.get("urn")))
        return {key: for_provider(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [for_provider(item) for item in value]
    return value


def holds_secret(value: Any) -> bool:
    """Tell whether a value contains a secret, at any depth."""
    if isinstance(value, Secret):
        return True
    if isinstance(value, Mapping):
        return any(holds_secret(item) for item in value.values())
    return isinstance(value, (list, tuple)) and any(holds_secret(item) for item in value)


def holds_unknown(value: Any) -> bool:
    """Tell whether a value contains an unknown, at any depth."""
    if isinstance(value, Secret):
        return holds_unknown(value.value)
    if isinstance(value, Mapping):
        return any(holds_unknown(item) for item in value.values())
    if isinstance(value, (list, tuple)):
        return any(holds_unknown(item) for item in value)
    return bool(value == UNKNOWN)


def seal_like(values: Mapping[str, Any], model: Mapping[str, Any]) -> dict[str, Any]:
    """Mark as secret in ``values`` each property that is secret in ``model``.

    Two objects are compared key by key; anything else that holds a secret makes the whole
    property secret, as the CLI does for providers that only know plain values.
    """
    sealed = dict(values)
    for key in values.keys() & model.keys():
        ours, theirs = values[key], model[key]
        if isinstance(ours, Mapping) and isinstance(theirs, Mapping):
            sealed[key] = seal_like(ours, theirs)
        elif holds_secret(theirs) and not isinstance(ours, Secret):
            sealed[key] = Secret(plain(ours))
    return sealed
