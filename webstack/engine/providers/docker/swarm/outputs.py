"""Builds a service's outputs from its inputs and from what Docker says of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from webstack.contract.go_durations import format_duration
from webstack.engine.model.provider import Properties
from webstack.engine.providers.docker.schema.shapes import labels_from_docker, seen_as_spelt, stated
from webstack.engine.providers.docker.swarm.container_outputs import container_seen
from webstack.engine.providers.docker.swarm.service_schema import SERVICE

_DOCKERS_ENDPOINT: Final = "vip"


def service_outputs(inputs: Properties, seen: Mapping[str, Any]) -> Properties:
    """Return all output keys of a service that exists.

    What only the program knows (``auth``, ``convergeConfig``) repeats the inputs.
    """
    spec = seen["Spec"]
    actual = {
        "labels": labels_from_docker(spec.get("Labels")),
        "taskSpec": _task(spec["TaskTemplate"]),
        "mode": _mode(spec["Mode"]),
        "updateConfig": _strategy(spec.get("UpdateConfig")),
        "rollbackConfig": _strategy(spec.get("RollbackConfig")),
        "endpointSpec": _endpoint(seen),
    }
    own = {key: SERVICE[key] for key in ("auth", "convergeConfig")}
    return {
        **stated(own, inputs),
        **seen_as_spelt(SERVICE, inputs, actual),
        "id": seen["ID"],
        "name": spec["Name"],
    }


def published(seen: Mapping[str, Any]) -> bool:
    """Tell whether each port of a service has a number outside."""
    spec = (seen["Spec"].get("EndpointSpec") or {}).get("Ports") or []
    given = [port for port in _ports(seen) if port.get("PublishedPort")]
    inside = [port for port in spec if port.get("PublishMode", "ingress") == "ingress"]
    return len(given) >= len(inside)


def _task(task: Mapping[str, Any]) -> Properties:
    driver = task.get("LogDriver")
    return {
        "containerSpec": container_seen(task.get("ContainerSpec") or {}),
        "forceUpdate": task.get("ForceUpdate", 0),
        "logDriver": driver
        and {"name": driver.get("Name", ""), "options": driver.get("Options") or None},
        "networksAdvanceds": [_network(network) for network in task.get("Networks") or ()],
        "placement": _placement(task.get("Placement") or {}),
        "resources": _resources(task.get("Resources") or {}),
        "restartPolicy": _restart(task.get("RestartPolicy") or {}),
        "runtime": task.get("Runtime") or "container",
    }


def _network(network: Mapping[str, Any]) -> Properties:
    options = network.get("DriverOpts") or {}
    return {
        "aliases": sorted(network.get("Aliases") or ()),
        "driverOpts": [f"{key}={value}" for key, value in sorted(options.items())],
        "id": network["Target"],
        "name": "",
    }


def _placement(placement: Mapping[str, Any]) -> Properties:
    preferences = placement.get("Preferences") or ()
    return {
        "constraints": placement.get("Constraints") or [],
        "maxReplicas": placement.get("MaxReplicas", 0),
        "platforms": [
            {"architecture": platform.get("Architecture", ""), "os": platform.get("OS", "")}
            for platform in placement.get("Platforms") or ()
        ],
        "prefs": [
            preference["Spread"]["SpreadDescriptor"]
            for preference in preferences
            if preference.get("Spread")
        ],
    }


def _resources(resources: Mapping[str, Any]) -> Properties:
    limits, reserved = resources.get("Limits"), resources.get("Reservations")
    generic = (reserved or {}).get("GenericResources")
    return {
        "limits": None if limits is None else _amounts(limits),
        "reservation": None
        if reserved is None
        else {**_amounts(reserved), "genericResources": _generic(generic) if generic else None},
    }


def _amounts(amounts: Mapping[str, Any]) -> Properties:
    return {"memoryBytes": amounts.get("MemoryBytes", 0), "nanoCpus": amounts.get("NanoCPUs", 0)}


def _generic(resources: list[Mapping[str, Any]]) -> Properties:
    def told(key: str) -> list[str]:
        specs = [item[key] for item in resources if item.get(key)]
        return sorted(f"{spec['Kind']}={spec['Value']}" for spec in specs)

    return {
        "discreteResourcesSpecs": told("DiscreteResourceSpec"),
        "namedResourcesSpecs": told("NamedResourceSpec"),
    }


def _restart(policy: Mapping[str, Any]) -> Properties:
    return {
        "condition": policy.get("Condition") or "any",
        "delay": format_duration(policy["Delay"]) if "Delay" in policy else "",
        "maxAttempts": policy.get("MaxAttempts", 0),
        "window": format_duration(policy["Window"]) if "Window" in policy else "",
    }


def _mode(mode: Mapping[str, Any]) -> Properties:
    replicated = mode.get("Replicated")
    return {
        "global": mode.get("Global") is not None,
        "replicated": None if replicated is None else {"replicas": replicated.get("Replicas", 1)},
    }


def _strategy(config: Mapping[str, Any] | None) -> Properties | None:
    if config is None:
        return None
    ratio = f"{config.get('MaxFailureRatio', 0):g}"
    return {
        "delay": format_duration(config.get("Delay", 0)),
        "failureAction": config.get("FailureAction", ""),
        "maxFailureRatio": ratio if "." in ratio else f"{ratio}.0",
        "monitor": format_duration(config.get("Monitor", 0)),
        "order": config.get("Order", ""),
        "parallelism": config.get("Parallelism", 0),
    }


def _endpoint(seen: Mapping[str, Any]) -> Properties:
    told = (seen.get("Endpoint") or {}).get("Spec") or {}
    wanted = seen["Spec"].get("EndpointSpec") or {}
    return {
        "mode": told.get("Mode") or wanted.get("Mode") or _DOCKERS_ENDPOINT,
        "ports": [
            {
                "name": port.get("Name", ""),
                "protocol": port.get("Protocol", "tcp"),
                "publishMode": port.get("PublishMode", "ingress"),
                "publishedPort": port.get("PublishedPort", 0),
                "targetPort": port.get("TargetPort", 0),
            }
            for port in _ports(seen)
        ],
    }


def _ports(seen: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the ports as Docker has published them; before that, those that are wanted."""
    wanted = (seen["Spec"].get("EndpointSpec") or {}).get("Ports") or []
    told = (seen.get("Endpoint") or {}).get("Ports") or []
    return told if len(told) == len(wanted) else wanted
