"""A container as this project runs them all."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
import pulumi_docker as docker

from infra.model.container_arguments import arguments
from infra.model.specs import Container


def hardened_container(
    resource: str,
    container: Container,
    networks: Mapping[str, pulumi.Input[str]],
    volumes: Mapping[str, pulumi.Input[str]],
    secrets: Mapping[str, pulumi.Input[str]],
    opts: pulumi.ResourceOptions,
) -> pulumi.Resource:
    """Declare it with no more rights than it needs: all that it has stands in ``container``.

    ``networks`` and ``volumes`` say what those that it names are called in fact: volumes of an
    earlier version have other names. A secret's value is ignored once it is set: its serial, part
    of the name, is what rolls.
    """
    given = arguments(container)
    sealed = [pulumi.Output.concat(name, "=", secrets[name]) for name in sorted(secrets)]
    given["envs"] = [*given.get("envs", ()), *sealed]
    for mounted in given.get("volumes", ()):
        mounted["volume_name"] = volumes.get(mounted["volume_name"], mounted["volume_name"])
    if container.networks:
        given["networks_advanced"] = [{"name": networks[name]} for name in container.networks]
    return docker.Container(
        resource,
        **given,
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(ignore_changes=["envs"])),
    )
