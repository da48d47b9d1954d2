"""A container as this project runs them all, and the volumes that they share."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
import pulumi_docker as docker

from infra.model import Container, Health, Mount, Stack
from webstack.contract.ownership import OWNER


def hardened_container(
    resource: str,
    container: Container,
    networks: Mapping[str, pulumi.Input[str]],
    volumes: Mapping[str, pulumi.Input[str]],
    secrets: Mapping[str, pulumi.Input[str]],
    opts: pulumi.ResourceOptions,
) -> docker.Container:
    """Declare it with no more rights than it needs: what it may do stands in ``container``.

    ``networks`` and ``volumes`` say what those that it names are called in fact: volumes of an
    earlier version have other names. A secret's value is ignored once it is set: its serial, part
    of the name, is what rolls.
    """
    plain = [f"{name}={value}" for name, value in sorted(container.environment.items())]
    sealed = [pulumi.Output.concat(name, "=", secrets[name]) for name in sorted(secrets)]
    return docker.Container(
        resource,
        name=container.name,
        image=container.image,
        command=list(container.command) if container.command else None,
        user=container.user,
        envs=[*plain, *sealed],
        labels=[
            docker.ContainerLabelArgs(label=label, value=value)
            for label, value in container.labels.items()
        ],
        read_only=True,
        capabilities=docker.ContainerCapabilitiesArgs(drops=["ALL"]),
        security_opts=["no-new-privileges:true"],
        cpus=str(container.cpus),
        memory=container.memory,
        memory_swap=container.memory,
        tmpfs=dict(container.tmpfs) or None,
        mounts=[_bind(mount) for mount in container.mounts if mount.folder] or None,
        volumes=[
            _volume(mount, volumes.get(mount.volume, mount.volume))
            for mount in container.mounts
            if mount.volume
        ]
        or None,
        network_mode="bridge" if container.networks else "none",
        networks_advanced=[
            docker.ContainerNetworksAdvancedArgs(name=networks[name]) for name in container.networks
        ]
        or None,
        ports=[
            docker.ContainerPortArgs(
                internal=port.internal, external=port.external, ip=port.address
            )
            for port in container.published
        ]
        or None,
        healthcheck=_health(container.health) if container.health else None,
        log_driver="json-file",
        log_opts={"max-size": "10m", "max-file": "3"},
        restart="unless-stopped",
        destroy_grace_seconds=container.grace,
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


def _volume(mount: Mount, name: pulumi.Input[str]) -> docker.ContainerVolumeArgs:
    return docker.ContainerVolumeArgs(
        volume_name=name, container_path=mount.target, read_only=mount.read_only or None
    )


def _bind(mount: Mount) -> docker.ContainerMountArgs:
    return docker.ContainerMountArgs(
        type="bind", source=mount.folder, target=mount.target, read_only=mount.read_only
    )


def _health(health: Health) -> docker.ContainerHealthcheckArgs:
    return docker.ContainerHealthcheckArgs(
        tests=list(health.test),
        interval=_duration(health.interval),
        timeout=_duration(health.timeout),
        retries=health.retries,
        start_period=_duration(health.start_period),
    )


def _duration(seconds: int) -> str:
    """As the provider reads it back: it would take 60s for a change of 1m0s."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return (
        f"{hours}h{minutes}m{rest}s" if hours else f"{minutes}m{rest}s" if minutes else f"{rest}s"
    )
