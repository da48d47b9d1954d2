"""All parts of a release as one value: names, references and texts, but no secret value.

It follows from the settings and the working tree, or comes from the record of a release.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import msgspec

from infra.base_images import BaseNames
from infra.images.content import digest
from infra.model.backups.files import FileKeeper
from infra.model.certificate_keeper import NAME, CertificateKeeper
from infra.model.data_servers import DataServer
from infra.model.observe.metrics import Metrics
from infra.model.proxy_containers import ProxyContainers
from infra.model.rollout_plan import RolloutPlan
from infra.model.specs import Image, Network, ServiceSpec
from infra.model.stateful import StatefulServer
from infra.settings.observe import METRICS
from infra.settings.sections import Settings


@dataclass(frozen=True)
class StackSpec:
    """One release of the whole stack, and the settings that it followed from.

    A record that an earlier version wrote has no ``networks``, no ``servers``, none that are
    ``stateful``, and no ``file_keepers``.
    """

    settings: Settings
    base: BaseNames
    releases: tuple[ServiceSpec, ...]
    proxy: ProxyContainers
    plan: RolloutPlan
    networks: tuple[Network, ...] = ()
    servers: tuple[DataServer, ...] = ()
    stateful: tuple[StatefulServer, ...] = ()
    keeper: CertificateKeeper | None = None
    metrics: Metrics | None = None
    file_keepers: tuple[FileKeeper, ...] = ()

    @property
    def content(self) -> str:
        """Compute twelve digits that stand for what runs, however its images were made."""
        runs = self.without_builds()
        servers = [runs.servers] if runs.servers else []
        stateful = [runs.stateful] if runs.stateful else []
        files = [runs.file_keepers] if runs.file_keepers else []
        told = [runs.releases, runs.proxy, runs.plan, *servers, *stateful, *files]
        return digest(msgspec.to_builtins(told), length=12)

    @property
    def images(self) -> dict[str, str]:
        """Give the references of the images that it runs.

        They are the images of each service and server, and of the proxy.
        """
        services = {item.service: item.image.reference for item in self.releases}
        servers = {item.name: item.image.reference for item in self.servers}
        servers |= {item.name: item.image.reference for item in self.stateful}
        keeper = {NAME: self.keeper.image.reference} if self.keeper else {}
        metrics = {METRICS: self.metrics.image.reference} if self.metrics else {}
        keeper |= {item.image.name: item.image.reference for item in self.file_keepers}
        return {**servers, **services, "proxy": self.proxy.image.reference, **keeper, **metrics}

    @property
    def volumes(self) -> set[str]:
        """Give the names of the volumes that its containers have."""
        services = (container for item in self.releases for container in item.containers)
        servers = [each for server in self.servers for each in server.containers]
        servers += [server.container for server in self.stateful]
        servers += [each.container for each in self.file_keepers]
        tls = [self.proxy.tls_holder] if self.proxy.tls_holder else []
        own = [each.container for each in (self.keeper, self.metrics) if each]
        containers = [self.proxy.holder, *tls, self.proxy.nginx, *own, *services, *servers]
        mounts = [mount for container in containers for mount in container.mounts]
        return {mount.volume for mount in mounts if mount.volume}

    def without_builds(self) -> StackSpec:
        """Give the same release from images that are there already."""
        releases = tuple(replace(item, image=_as_it_is(item.image)) for item in self.releases)
        servers = tuple(replace(item, image=_as_it_is(item.image)) for item in self.servers)
        stateful = tuple(replace(item, image=_as_it_is(item.image)) for item in self.stateful)
        return replace(
            self,
            releases=releases,
            servers=servers,
            stateful=stateful,
            proxy=replace(self.proxy, image=_as_it_is(self.proxy.image)),
            keeper=self.keeper and replace(self.keeper, image=_as_it_is(self.keeper.image)),
            metrics=self.metrics and replace(self.metrics, image=_as_it_is(self.metrics.image)),
            file_keepers=tuple(
                replace(item, image=_as_it_is(item.image)) for item in self.file_keepers
            ),
        )


def _as_it_is(image: Image) -> Image:
    return replace(image, build=None)
