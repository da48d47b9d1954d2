"""The volumes that containers share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import pulumi
import pulumi_docker as docker

from infra.model.specs import Stack
from webstack.contract.ownership import OWNER


class NamedVolume(NamedTuple):
    """A declared volume, and its real name."""

    resource: pulumi.Resource
    name: pulumi.Output[str]


def volume(
    resource: str,
    name: str,
    stack: Stack,
    owner: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
    options: Mapping[str, str] | None = None,
) -> NamedVolume:
    """Declare a volume of the stack, with the identity of its owner on it.

    A volume that exists keeps its name and its labels: other ones would replace it.
    """
    labels = {**stack.labels, OWNER: owner}
    made = docker.Volume(
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
    return NamedVolume(made, made.name)


def memory_volume(
    resource: str,
    name: str,
    stack: Stack,
    owner: pulumi.Input[str],
    user: int,
    opts: pulumi.ResourceOptions,
    size: int = 1,
) -> NamedVolume:
    """Declare a volume in memory that belongs to ``user``, of ``size`` MiB.

    Sockets need no disk and outlive no restart.
    """
    owned = f"uid={user},gid={user},mode=0755,size={size}m"
    return volume(
        resource, name, stack, owner, opts, {"type": "tmpfs", "device": "tmpfs", "o": owned}
    )
