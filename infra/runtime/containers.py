"""A container as this project runs them all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pulumi

from infra.model import specs
from infra.model.container_arguments import arguments, joined
from infra.runtime.resources import Container

_OTHER_NAMES: Final = {
    "container_path": "containerPath",
    "destroy_grace_seconds": "destroyGraceSeconds",
    "group_adds": "groupAdds",
    "log_driver": "logDriver",
    "log_opts": "logOpts",
    "memory_swap": "memorySwap",
    "must_run": "mustRun",
    "network_mode": "networkMode",
    "networks_advanced": "networksAdvanced",
    "read_only": "readOnly",
    "security_opts": "securityOpts",
    "start_period": "startPeriod",
    "volume_name": "volumeName",
}
"""Arguments whose names in the schema are others."""
_MAPS: Final = ("tmpfs", "log_opts")
"""Arguments whose keys are data."""


def hardened_container(
    resource: str,
    container: specs.Container,
    networks: Mapping[str, pulumi.Input[str]],
    volumes: Mapping[str, pulumi.Input[str]],
    secrets: Mapping[str, pulumi.Input[str]],
    opts: pulumi.ResourceOptions,
    *,
    keeps_name: bool = False,
) -> pulumi.Resource:
    """Declare a container with no more rights than it needs: all that it has is in ``container``.

    ``networks`` and ``volumes`` map the names in ``container`` to the real ones: volumes of an
    earlier version have other names. Once a secret's value is set, a change of it is ignored. A new
    serial of the secret rolls the container, since the serial is part of its name. A container that
    keeps its name is replaced by any change.
    """
    given = arguments(container)
    sealed = [pulumi.Output.concat(name, "=", secrets[name]) for name in sorted(secrets)]
    given["envs"] = [*given.get("envs", ()), *sealed]
    for mounted in given.get("volumes", ()):
        mounted["volume_name"] = volumes.get(mounted["volume_name"], mounted["volume_name"])
    if container.networks:
        given["networks_advanced"] = [
            {**joined(container, name), "name": networks[name]} for name in container.networks
        ]
    ignored = None if keeps_name else ["envs"]
    return Container(
        resource,
        _named(given),
        pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(ignore_changes=ignored)),
    )


def _named(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Give arguments by the names of the schema."""
    return {
        _OTHER_NAMES.get(name, name): value if name in _MAPS else _within(value)
        for name, value in arguments.items()
    }


def _within(value: Any) -> Any:
    if isinstance(value, list):
        return [_within(each) for each in value]
    return _named(value) if isinstance(value, dict) else value
