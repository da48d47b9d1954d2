"""Handles versions 3 and 4 of the state. Version 4 names the newer features it uses."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from webstack.engine.model.errors import StateError, UnsupportedError
from webstack.engine.model.state import ResourceState

_PLAIN, _WITH_FEATURES = 3, 4
_FEATURES: Final = {"hooks": "hooks", "replaceWith": "replace_with", "taint": "taint"}


def header(resources: Collection[ResourceState]) -> dict[str, Any]:
    """Return the version that a state of these resources needs, and the features it uses."""
    used = [
        name
        for name, field in sorted(_FEATURES.items())
        if any(getattr(resource, field) for resource in resources)
    ]
    return {"version": _WITH_FEATURES, "features": used} if used else {"version": _PLAIN}


def require_known(document: Mapping[str, Any]) -> None:
    """Refuse a checkpoint or an export whose version or feature is unknown here."""
    version = document["version"]
    if version not in (_PLAIN, _WITH_FEATURES):
        raise StateError(
            f"the state has version {version}, the embedded engine knows {_PLAIN} and "
            f"{_WITH_FEATURES}: use the Pulumi CLI that wrote it"
        )
    unknown = sorted(set(document.get("features") or ()) - _FEATURES.keys())
    if unknown:
        raise UnsupportedError(f"the state's use of {', '.join(unknown)}")
