"""The volumes that containers share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import pulumi

from infra.model.specs import Stack
from infra.runtime.resources import Volume, labelled
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
    made = Volume(
        resource,
        {
            "name": name,
            "driver": "local",
            "driverOpts": options,
            "labels": labelled({**stack.labels, OWNER: owner}),
        },
        pulumi.ResourceOptions.merge(
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
