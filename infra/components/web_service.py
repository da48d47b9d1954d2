"""One web service: its image, volumes, secrets and containers."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
import pulumi_docker as docker

from infra.components.hardened_container import hardened_container, memory_volume, volume
from infra.components.service_image import ServiceImage
from infra.generated_secret import GeneratedSecret
from infra.model import Release, Replica, Stack, user_id
from infra.settings import Secret, Service, set_values


class WebService(pulumi.ComponentResource):
    """The containers of a service's release; they serve once the release step links to them.

    The service's settings are inputs, for whoever reviews a preview: those of a container that has
    a secret are secret as a whole. Of a secret the settings have the name and the serial.
    """

    def __init__(
        self,
        stack: Stack,
        service: Service,
        release: Release,
        networks: Mapping[str, pulumi.Input[str]],
        base: pulumi.Resource,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        name = release.service
        super().__init__("webstack:service:WebService", name, set_values(service), opts)
        child = pulumi.ResourceOptions(parent=self)
        image = ServiceImage(release.image, pulumi.ResourceOptions(parent=self, depends_on=[base]))
        sockets = memory_volume(
            f"{name}-sockets", stack.named(name, "sockets"), stack, user_id(name), child
        )
        needs: list[pulumi.Resource] = [image.image, sockets]
        if service.data:
            protected = pulumi.ResourceOptions(parent=self, protect=True)
            needs.append(volume(f"{name}-data", stack.named(name, "data"), stack, protected))
        secrets = {
            variable: _secret_value(name, variable, secret, child)
            for variable, secret in service.secret_environment.items()
        }
        self.sockets = sockets
        on_needs = pulumi.ResourceOptions(parent=self, depends_on=needs)
        self.containers = [
            container
            for replica in release.replicas
            for container in _replica(replica, networks, secrets, on_needs)
        ]
        self.register_outputs({"release": release.id})


def _replica(
    replica: Replica,
    networks: Mapping[str, pulumi.Input[str]],
    secrets: Mapping[str, pulumi.Input[str]],
    opts: pulumi.ResourceOptions,
) -> list[docker.Container]:
    """The container of a replica; a relay stays for as long as the one it stands before."""
    if replica.relay is None:
        return [hardened_container(replica.resource, replica.container, networks, secrets, opts)]
    relay = hardened_container(f"{replica.resource}-relay", replica.relay, networks, {}, opts)
    after = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[relay]))
    served = hardened_container(replica.resource, replica.container, networks, secrets, after)
    return [relay, served]


def _secret_value(
    service: str, variable: str, secret: Secret, child: pulumi.ResourceOptions
) -> pulumi.Input[str]:
    if secret.setting is not None:
        return pulumi.Config().require_secret(secret.setting)
    name = f"{service}-{variable.lower().replace('_', '-')}"
    return GeneratedSecret(name, secret.serial, child).value
