"""Takes from a state what anybody may see, to preview pull requests from forks against."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from webstack.engine.model.values import SECRET, SIGNATURE

MASK = "[secret]"


def public(opened: str) -> str:
    """Put a mask in place of each secret of an exported state, and leave out its key.

    What a secret consists of keeps its shape, since providers rely on it.
    """
    document = json.loads(opened)
    deployment = document.get("deployment", {})
    deployment.pop("secrets_providers", None)
    deployment["resources"] = [_public(item) for item in deployment.get("resources") or ()]
    return json.dumps(document, indent=1) + "\n"


def _public(resource: Mapping[str, Any]) -> Any:
    """Take secrets away, also from the copy of its inputs that an image keeps as one secret."""
    outputs = resource.get("outputs") or {}
    if "__inputs" in outputs:
        outputs = {**outputs, "__inputs": resource.get("inputs") or {}}
        return _masked({**resource, "outputs": outputs})
    return _masked(resource)


def _masked(value: Any) -> Any:
    if isinstance(value, Mapping):
        if value.get(SIGNATURE) == SECRET:
            return _shape(json.loads(value["plaintext"]))
        return {key: _masked(item) for key, item in value.items()}
    return [_masked(item) for item in value] if isinstance(value, list) else value


def _shape(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _shape(item) for key, item in value.items()}
    return [_shape(item) for item in value] if isinstance(value, list) else MASK
