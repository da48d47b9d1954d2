"""Fits a new specification to the one that runs, so that an update changes what it has to alone.

Docker starts every task of a service anew when its specification differs in anything, be it the
order of two variables.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from webstack.engine.model.provider import Properties

_LEFT_TO_DOCKER: Final = {
    "resources": "Resources",
    "restartPolicy": "RestartPolicy",
    "placement": "Placement",
    "forceUpdate": "ForceUpdate",
    "runtime": "Runtime",
}
_LEFT_TO_DOCKER_INSIDE: Final = {
    "healthcheck": "Healthcheck",
    "dnsConfig": "DNSConfig",
    "init": "Init",
    "stopGracePeriod": "StopGracePeriod",
}
_UNORDERED: Final = {
    "Aliases", "Configs", "Constraints", "Env", "Hosts", "Mounts", "Networks", "Platforms",
    "Preferences", "Secrets",
}  # fmt: skip


def fitted(body: Mapping[str, Any], inputs: Properties, live: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``body`` with what ``inputs`` leave open, and the order of sets, as in ``live``."""
    task = inputs["taskSpec"]
    running = live["TaskTemplate"]
    template = _open(body["TaskTemplate"], task, running, _LEFT_TO_DOCKER)
    template["ContainerSpec"] = _open(
        template["ContainerSpec"],
        task["containerSpec"],
        running.get("ContainerSpec") or {},
        _LEFT_TO_DOCKER_INSIDE,
    )
    kept = {"labels": "Labels", "mode": "Mode"}
    whole = _open({**body, "TaskTemplate": template}, inputs, live, kept)
    if not body["Mode"]:
        whole["Mode"] = live["Mode"]
    whole["EndpointSpec"] = _endpoint(body["EndpointSpec"], inputs, live.get("EndpointSpec") or {})
    ordered: dict[str, Any] = in_order_of(whole, live)
    return ordered


def _open(
    body: Mapping[str, Any],
    inputs: Properties,
    live: Mapping[str, Any],
    keys: Mapping[str, str],
) -> dict[str, Any]:
    left = {theirs for ours, theirs in keys.items() if inputs.get(ours) is None}
    kept = {key: value for key, value in body.items() if key not in left}
    return {**kept, **{key: live[key] for key in left if key in live}}


def _endpoint(
    body: Mapping[str, Any], inputs: Properties, live: Mapping[str, Any]
) -> dict[str, Any]:
    if inputs.get("endpointSpec") is None:
        return dict(live)
    mode = body.get("Mode") or live.get("Mode")
    return {**body, **({"Mode": mode} if mode else {})}


def in_order_of(new: Any, live: Any, name: str = "") -> Any:
    """Return ``new`` with the sets in it in the order of those in ``live`` that hold the same."""
    if isinstance(new, dict) and isinstance(live, Mapping):
        return {key: in_order_of(value, live.get(key), key) for key, value in new.items()}
    if name in _UNORDERED and isinstance(new, list) and isinstance(live, list):
        return live if _content(new, name) == _content(live, name) else new
    return new


def _content(value: Any, name: str = "") -> Any:
    """Return a value in which neither the order of sets nor what is empty counts."""
    if isinstance(value, Mapping):
        items = {key: _content(item, key) for key, item in value.items()}
        return {key: item for key, item in items.items() if item not in (None, "", 0, {}, [])}
    if isinstance(value, list):
        items_ = [_content(item) for item in value]
        return sorted(items_, key=_text) if name in _UNORDERED else items_
    return value


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
