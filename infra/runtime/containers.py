"""A container as this project runs them all, and the volumes that they share."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
import pulumi_docker as docker

from infra.model.container_arguments import arguments
from infra.model.specs import Container, Stack
from webstack.contract.ownership import OWNER


def hardened_container(
    resource: str,
    container: Container,
    networks: Mapping[str, pulumi.Input[str]],
    volumes: Mapping[str, pulumi.Input[str]],
    secrets: Mapping[str, pulumi.Input[str]],
    opts: pulumi.ResourceOptions,
) -> docker.Container:
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


def volume(
    resource: str,
    name: str,
    stack: Stack,
    owner: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
    options: Mapping[str, str] | None = None,
) -> docker.Volume:
    """A named volume of the stack, with the identity of its owner on it.

    One that exists keeps the name and the labels that it has: others would replace it.
    """
    labels = {**stack.labels, OWNER: owner}
    return docker.Volume(
        resource,
        name=name,
        driver="local",
        driver_opts=options,
        labels=[
            docker.VolumeLabelArgs(label=label, value=value) for label, value in labels.items()
        ],
        opts=pulumi.ResourceOptions.merge(
            opts, pulumi.ResourceOptions(ignore_changes=["name", "labels"])
        ),
    )


def memory_volume(
    resource: str,
    name: str,
    stack: Stack,
    owner: pulumi.Input[str],
    user: int,
    opts: pulumi.ResourceOptions,
) -> docker.Volume:
    """A volume in memory that belongs to ``user``: sockets need no disk and outlive no restart."""
    owned = f"uid={user},gid={user},mode=0755,size=1m"
    return volume(
        resource, name, stack, owner, opts, {"type": "tmpfs", "device": "tmpfs", "o": owned}
    )
