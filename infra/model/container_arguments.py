"""The arguments that a container is declared with, as plain values; its name follows from them.

Every value here comes from the container itself. A value that changed in this code alone would
replace containers in place, which takes their service down.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from infra.images.content import digest
from infra.model.specs import Container, Health, Mount, Published
from infra.settings.types import Secret
from webstack.contract.go_durations import format_seconds

CONTENT_LABEL: Final = "webstack.content"


def arguments(container: Container) -> dict[str, Any]:
    """Give the arguments of ``pulumi_docker.Container``, without secret variables."""
    given = {
        "name": container.name,
        "image": container.image,
        "command": list(container.command) if container.command else None,
        "user": container.user,
        "group_adds": list(container.groups),
        "envs": [f"{name}={value}" for name, value in sorted(container.environment.items())],
        "labels": [
            {"label": label, "value": value} for label, value in sorted(container.labels.items())
        ],
        "read_only": container.read_only,
        "capabilities": {"drops": list(container.dropped_capabilities)},
        "security_opts": list(container.security_options),
        "cpus": str(container.cpus),
        "memory": container.memory,
        "memory_swap": container.memory,
        "tmpfs": dict(container.tmpfs),
        "mounts": [_folder(mount) for mount in container.mounts if mount.folder],
        "volumes": [_volume(mount) for mount in container.mounts if mount.volume],
        "network_mode": container.network_mode,
        "networks_advanced": [joined(container, name) for name in container.networks],
        "ports": [_port(port) for port in container.published],
        "healthcheck": _health(container.health) if container.health else None,
        "log_driver": container.log_driver,
        "log_opts": dict(container.log_options),
        "restart": container.restart,
        "destroy_grace_seconds": container.grace,
        # Started later, it does not have to run when it is made.
        "start": False if container.started_by_release else None,
        "must_run": False if container.started_by_release else None,
    }
    return {name: value for name, value in given.items() if value not in (None, [], {})}


def labelled(container: Container, more: object = None) -> Container:
    """Label a container of a fixed name with its content, and with ``more`` that it is made of.

    A change of either makes a restart that the preview tells.
    """
    said = content(container) if more is None else digest([content(container), more])
    return replace(container, labels={**container.labels, CONTENT_LABEL: said})


def content(container: Container) -> str:
    """Compute eight digits that stand for all of a container.

    Of a secret, only its name and serial count.
    """
    secrets = {name: _origin(secret) for name, secret in container.secrets.items()}
    aliases = [container.aliases] if container.aliases else []
    return digest([arguments(container), secrets, container.pids, *aliases])


def joined(container: Container, network: str) -> dict[str, Any]:
    """Give a network as a container joins it."""
    known_as = {"aliases": list(container.aliases)} if container.aliases else {}
    return {"name": network, **known_as}


def _origin(secret: Secret) -> list[Any]:
    return [secret.setting, secret.serial, *([secret.of] if secret.of else [])]


def _folder(mount: Mount) -> dict[str, Any]:
    return {
        "type": "bind",
        "source": mount.folder,
        "target": mount.target,
        "read_only": mount.read_only,
    }


def _volume(mount: Mount) -> dict[str, Any]:
    return {
        "volume_name": mount.volume,
        "container_path": mount.target,
        "read_only": mount.read_only or None,
    }


def _port(port: Published) -> dict[str, Any]:
    return {"internal": port.internal, "external": port.external, "ip": port.address}


def _health(health: Health) -> dict[str, Any]:
    # As the provider reads it back: it would take 60s for a change of 1m0s.
    return {
        "tests": list(health.test),
        "interval": format_seconds(health.interval),
        "timeout": format_seconds(health.timeout),
        "retries": health.retries,
        "start_period": format_seconds(health.start_period),
    }
