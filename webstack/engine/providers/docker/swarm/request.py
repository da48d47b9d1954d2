"""Builds the specification of a service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from webstack.engine.model.provider import Properties
from webstack.engine.providers.docker.schema.shapes import labels_to_docker, without_empty
from webstack.engine.providers.docker.swarm.check import is_global
from webstack.engine.providers.docker.swarm.container_request import container_body, nanoseconds

_PORT: Final = {
    "name": "Name",
    "protocol": "Protocol",
    "targetPort": "TargetPort",
    "publishedPort": "PublishedPort",
    "publishMode": "PublishMode",
}


def service_body(inputs: Properties) -> dict[str, Any]:
    """Return the body of ``POST /services/create``."""
    body = {
        "Name": inputs["name"],
        "Labels": labels_to_docker(inputs.get("labels")),
        "TaskTemplate": _task(inputs["taskSpec"]),
        "Mode": _mode(inputs),
        "EndpointSpec": _endpoint(inputs.get("endpointSpec") or {}),
        "UpdateConfig": _strategy(inputs.get("updateConfig")),
        "RollbackConfig": _strategy(inputs.get("rollbackConfig")),
    }
    return {key: value for key, value in body.items() if value is not None}


def _task(given: Properties) -> dict[str, Any]:
    networks = [_network(network) for network in given.get("networksAdvanceds") or ()]
    body = {
        "ContainerSpec": container_body(given["containerSpec"]),
        "Resources": _resources(given.get("resources") or {}),
        "RestartPolicy": _restart(given.get("restartPolicy")),
        "Placement": _placement(given.get("placement") or {}),
        "ForceUpdate": given.get("forceUpdate") or 0,
        "Runtime": given.get("runtime"),
        "Networks": networks or None,
        "LogDriver": _log_driver(given.get("logDriver")),
    }
    return {key: value for key, value in body.items() if value is not None}


def _resources(given: Mapping[str, Any]) -> dict[str, Any]:
    limits, reserved = given.get("limits"), given.get("reservation")
    body = {}
    if limits is not None:
        body["Limits"] = _amounts(limits)
    if reserved is not None:
        generic = _generic(reserved.get("genericResources") or {})
        body["Reservations"] = {
            **_amounts(reserved),
            **without_empty({"GenericResources": generic}),
        }
    return body


def _amounts(given: Mapping[str, Any]) -> dict[str, Any]:
    told = {"NanoCPUs": given.get("nanoCpus"), "MemoryBytes": given.get("memoryBytes")}
    return {key: value for key, value in told.items() if value}


def _generic(given: Mapping[str, Any]) -> list[dict[str, Any]]:
    named = [text.partition("=") for text in given.get("namedResourcesSpecs") or ()]
    counted = [text.partition("=") for text in given.get("discreteResourcesSpecs") or ()]
    return [
        *({"NamedResourceSpec": {"Kind": kind, "Value": value}} for kind, _, value in named),
        *(
            {"DiscreteResourceSpec": {"Kind": kind, "Value": int(value)}}
            for kind, _, value in counted
        ),
    ]


def _restart(given: Mapping[str, Any] | None) -> dict[str, Any]:
    if given is None:
        return {}
    condition = {"Condition": given["condition"]} if given.get("condition") else {}
    return {
        **condition,
        "Delay": nanoseconds(given.get("delay")),
        "MaxAttempts": given.get("maxAttempts") or 0,
        "Window": nanoseconds(given.get("window")),
    }


def _placement(given: Mapping[str, Any]) -> dict[str, Any]:
    spread = [{"Spread": {"SpreadDescriptor": text}} for text in given.get("prefs") or ()]
    platforms = [
        {"Architecture": platform["architecture"], "OS": platform["os"]}
        for platform in given.get("platforms") or ()
    ]
    return without_empty(
        {
            "Constraints": given.get("constraints"),
            "Preferences": spread,
            "MaxReplicas": given.get("maxReplicas") or None,
            "Platforms": platforms,
        }
    )


def _network(given: Mapping[str, Any]) -> dict[str, Any]:
    options = dict(text.split("=", 1) for text in given.get("driverOpts") or ())
    return without_empty(
        {
            "Target": given.get("id") or given.get("name"),
            "Aliases": given.get("aliases"),
            "DriverOpts": options,
        }
    )


def _log_driver(given: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if given is None:
        return None
    return without_empty({"Name": given["name"], "Options": given.get("options")})


def _mode(inputs: Properties) -> dict[str, Any]:
    if is_global(inputs):
        return {"Global": {}}
    replicated = (inputs.get("mode") or {}).get("replicated")
    return {} if replicated is None else {"Replicated": {"Replicas": replicated["replicas"]}}


def _endpoint(given: Mapping[str, Any]) -> dict[str, Any]:
    ports = [
        without_empty({theirs: port.get(ours) for ours, theirs in _PORT.items()})
        for port in given.get("ports") or ()
    ]
    return without_empty({"Mode": given.get("mode"), "Ports": ports})


def _strategy(given: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if given is None:
        return None
    return {
        "Parallelism": given["parallelism"],
        "Delay": nanoseconds(given["delay"]),
        "FailureAction": given["failureAction"],
        "Monitor": nanoseconds(given["monitor"]),
        "MaxFailureRatio": float(given["maxFailureRatio"]),
        "Order": given["order"],
    }
