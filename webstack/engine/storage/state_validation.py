"""Validates the structure of a state file before anything relies on it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final, get_args

from webstack.engine.model import urn as urns
from webstack.engine.model.errors import DamagedStateError
from webstack.engine.model.state import Operating

_NAMES: Final[Mapping[type, str]] = {
    str: "text",
    bool: "yes or no",
    list: "a list",
    dict: "an object",
}
_DEPLOYMENT: Final[Mapping[str, type]] = {
    "manifest": dict,
    "secrets_providers": dict,
    "resources": list,
    "pending_operations": list,
    "metadata": dict,
}
_RESOURCE: Final[Mapping[str, type]] = {
    "urn": str,
    "type": str,
    "custom": bool,
    "delete": bool,
    "id": str,
    "inputs": dict,
    "outputs": dict,
    "parent": str,
    "protect": bool,
    "dependencies": list,
    "initErrors": list,
    "provider": str,
    "propertyDependencies": dict,
    "pendingReplacement": bool,
    "customTimeouts": dict,
}


def validate_state(latest: Mapping[str, Any]) -> None:
    """Raise DamagedStateError with the first thing that is wrong."""
    _require_kinds("it", latest, _DEPLOYMENT)
    provider = latest.get("secrets_providers") or {}
    _require_kinds("secrets_providers", provider, {"type": str, "state": dict})
    resources = latest.get("resources") or []
    for number, item in enumerate(resources):
        _require_resource(f"resources[{number}]", item)
    for number, item in enumerate(latest.get("pending_operations") or []):
        _require_operation(f"pending_operations[{number}]", item)
    for urn, count in Counter(_living(resources)).items():
        if count > 1:
            raise DamagedStateError(f"{urn} is in it {count} times")


def _require_operation(where: str, item: Any) -> None:
    _require_kinds(where, item, {"resource": dict, "type": str})
    if item.get("type") not in get_args(Operating):
        raise DamagedStateError(f"{where} is of no known type: {item.get('type')!r}")
    _require_resource(f"{where}.resource", item.get("resource"))


def _require_resource(where: str, item: Any) -> None:
    _require_kinds(where, item, _RESOURCE)
    for key in ("urn", "type"):
        if not item.get(key):
            raise DamagedStateError(f"{where} has no {key}")
    try:
        urns.parse(item["urn"])
    except ValueError as error:
        raise DamagedStateError(f"{where} has {error}") from error


def _require_kinds(where: str, item: Any, kinds: Mapping[str, type]) -> None:
    if not isinstance(item, dict):
        raise DamagedStateError(f"{where} is not an object")
    for key, kind in kinds.items():
        value = item.get(key)
        if value is not None and not isinstance(value, kind):
            raise DamagedStateError(f"{where}.{key} is not {_NAMES[kind]}")


def _living(resources: list[Any]) -> Iterator[str]:
    return (item["urn"] for item in resources if not item.get("delete"))
