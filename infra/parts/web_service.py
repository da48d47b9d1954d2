"""One web service: its image, volumes, secrets and containers."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi

from infra.generated_secret import GeneratedSecret
from infra.model.specs import Container, Release, Replica, Stack
from infra.program_input import Kept
from infra.runtime.containers import hardened_container
from infra.runtime.images import ServiceImage
from infra.runtime.volumes import NamedVolume, memory_volume, volume
from infra.settings.checks import made_secret
from infra.settings.sections import NAMESPACE, Secret, Service, set_values
from infra.settings.users import user_id


class WebService(pulumi.ComponentResource):
    """The containers of a service's release; they serve once the release step links to them.

    The service's settings are inputs, for whoever reviews a preview: those of a container that has
    a secret are secret as a whole. Of a secret the settings have the name and the serial.

    ``values`` are those of secrets in a release that comes back, by variable. Without a release
    it is only what is ``kept`` of the service.
    """

    secrets: dict[str, pulumi.Input[str]]
    containers: list[pulumi.Resource]
    sockets: dict[str, NamedVolume]

    def __init__(
        self,
        stack: Stack,
        name: str,
        service: Service | None,
        release: Release | None,
        networks: Mapping[str, pulumi.Input[str]],
        owner: pulumi.Input[str],
        base: pulumi.Resource,
        values: Mapping[str, str],
        kept: Kept,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(
            "webstack:service:WebService", name, set_values(service) if service else None, opts
        )
        self._stack, self._name, self._owner = stack, name, owner
        self._child = pulumi.ResourceOptions(parent=self)
        wanted = release.secrets if release else {}
        self.secrets = {
            variable: self._secret(variable, secret, values.get(variable))
            for variable, secret in wanted.items()
        }
        for resource in kept.secrets.keys() - {made_secret(name, variable) for variable in wanted}:
            GeneratedSecret(resource, kept.secrets[resource], opts=self._child)
        holds_data = kept.data or (release is not None and release.data)
        data = self._data() if holds_data else {}
        self.sockets = self._sockets() if release else {}
        self.containers = (
            self._run(release, networks, base, {**data, **self.sockets}) if release else []
        )
        self.register_outputs({"release": release.id if release else None})

    def _run(
        self,
        release: Release,
        networks: Mapping[str, pulumi.Input[str]],
        base: pulumi.Resource,
        volumes: Mapping[str, NamedVolume],
    ) -> list[pulumi.Resource]:
        on_base = pulumi.ResourceOptions(parent=self, depends_on=[base])
        image = ServiceImage(release.image, on_base)
        needs = pulumi.ResourceOptions(
            parent=self, depends_on=[*image.built, *(each.resource for each in volumes.values())]
        )
        names = {name: volume.name for name, volume in volumes.items()}
        return [
            container
            for replica in release.replicas
            for container in _replica(replica, networks, names, self.secrets, needs)
        ]

    def _data(self) -> dict[str, NamedVolume]:
        protected = pulumi.ResourceOptions(parent=self, protect=True)
        name = self._stack.volume(self._name, "data")
        return {name: volume(f"{self._name}-data", name, self._stack, self._owner, protected)}

    def _sockets(self) -> dict[str, NamedVolume]:
        name, resource = self._stack.volume(self._name, "sockets"), f"{self._name}-sockets"
        user, child = user_id(self._name), self._child
        return {name: memory_volume(resource, name, self._stack, self._owner, user, child)}

    def _secret(self, variable: str, secret: Secret, value: str | None) -> pulumi.Input[str]:
        restored = None if value is None else pulumi.Output.secret(value)
        if secret.setting is None:
            return GeneratedSecret(
                made_secret(self._name, variable), secret.serial, restored, self._child
            ).value
        return restored or pulumi.Config(NAMESPACE).require_secret(secret.setting)


def _replica(
    replica: Replica,
    networks: Mapping[str, pulumi.Input[str]],
    volumes: Mapping[str, pulumi.Input[str]],
    secrets: Mapping[str, pulumi.Input[str]],
    opts: pulumi.ResourceOptions,
) -> list[pulumi.Resource]:
    """The container of a replica; a relay stays for as long as the one it stands before."""

    def run(
        name: str,
        container: Container,
        sealed: Mapping[str, pulumi.Input[str]],
        options: pulumi.ResourceOptions,
    ) -> pulumi.Resource:
        return hardened_container(name, container, networks, volumes, sealed, options)

    if replica.relay is None:
        return [run(replica.resource, replica.container, secrets, opts)]
    relay = run(f"{replica.resource}-relay", replica.relay, {}, opts)
    after = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[relay]))
    return [relay, run(replica.resource, replica.container, secrets, after)]
