"""A container as this project runs them all."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
import pulumi_docker as docker

from infra.model.container_arguments import arguments, joined
from infra.model.specs import Container


def hardened_container(
    resource: str,
    container: Container,
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
    return docker.Container(
        resource,
        **given,
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(ignore_changes=ignored)),
    )
