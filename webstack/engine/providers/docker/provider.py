"""Serves the docker package without the Pulumi CLI's plugin."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from typing import Any, Final

from webstack.docker.daemon_host import find_host
from webstack.engine.model.provider import Diff, Instance, NotServedError, Properties
from webstack.engine.providers.docker.client.api import DaemonApi
from webstack.engine.providers.docker.container.container import ContainerResource
from webstack.engine.providers.docker.functions import invoke
from webstack.engine.providers.docker.image.image import ImageResource
from webstack.engine.providers.docker.image.registry_image import RegistryImageResource
from webstack.engine.providers.docker.image.remote_image import RemoteImageResource
from webstack.engine.providers.docker.image.tag import TagResource
from webstack.engine.providers.docker.network.network import NetworkResource
from webstack.engine.providers.docker.registry.credentials import (
    Credentials,
    Login,
    read_registry_auth,
)
from webstack.engine.providers.docker.resource.resource import DockerResource, DockerSite, Progress
from webstack.engine.providers.docker.swarm.files import ConfigResource, SecretResource
from webstack.engine.providers.docker.swarm.service import ServiceResource
from webstack.engine.providers.docker.volume.volume import VolumeResource
from webstack.engine.providers.importing import ONE_AT_A_TIME

RESOURCES: Final[Mapping[str, DockerResource]] = {
    "docker:index/container:Container": ContainerResource(),
    "docker:index/image:Image": ImageResource(),
    "docker:index/network:Network": NetworkResource(),
    "docker:index/registryImage:RegistryImage": RegistryImageResource(),
    "docker:index/remoteImage:RemoteImage": RemoteImageResource(),
    "docker:index/secret:Secret": SecretResource(),
    "docker:index/service:Service": ServiceResource(),
    "docker:index/serviceConfig:ServiceConfig": ConfigResource(),
    "docker:index/tag:Tag": TagResource(),
    "docker:index/volume:Volume": VolumeResource(),
}
CONFIG: Final = {
    "host", "context", "certPath", "caMaterial", "certMaterial", "keyMaterial", "registryAuth",
    "disableDockerDaemonCheck",
}  # fmt: skip


class DockerProvider:
    """Serves Docker resources. ``config`` is the package's configuration.

    ``progress`` is told about lasting work, such as each line of a build. The daemon is
    connected to when first needed, as ``environ`` says, which the program cannot change. Safe to
    use from several threads.
    """

    def __init__(
        self,
        config: Mapping[str, Any],
        progress: Progress | None = None,
        daemon: DaemonApi | None = None,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        unknown = sorted(key for key in config.keys() - CONFIG if not key.startswith("__"))
        if unknown:
            raise NotServedError(f"docker:{', docker:'.join(unknown)}")
        self._config = config
        self._progress = progress or _silent
        self._daemon = daemon
        self._environ = environ
        self._lock = threading.Lock()

    def check(self, type_: str, name: str, old: Properties | None, new: Properties) -> Properties:
        """Validate ``new`` and add defaults."""
        return _resource(type_).check(name, old, new)

    def diff(
        self, type_: str, id_: str, old_inputs: Properties, old_outputs: Properties, new: Properties
    ) -> Diff:
        """Compare the state with the checked inputs ``new``."""
        return _resource(type_).diff(old_inputs, old_outputs, new)

    def planned_outputs(
        self, type_: str, new: Properties, old_outputs: Properties | None
    ) -> Properties:
        """Return the outputs that are certain before the operation."""
        return _resource(type_).foreseen_outputs(self._site, new, old_outputs)

    def create(self, type_: str, name: str, inputs: Properties, timeout: float | None) -> Instance:
        """Create a resource; raises PartialFailure when it exists but is not as wanted."""
        return _resource(type_).create(self._site(), name, inputs, timeout)

    def update(
        self, type_: str, id_: str, old_inputs: Properties, old_outputs: Properties, new: Properties
    ) -> Properties:
        """Change a resource in place and return its new outputs."""
        return _resource(type_).update(self._site(), id_, old_outputs, new)

    def delete(self, type_: str, id_: str, inputs: Properties, outputs: Properties) -> None:
        """Delete a resource. One that is gone already is no error."""
        _resource(type_).delete(self._site(), id_, outputs)

    def read(
        self, type_: str, id_: str, inputs: Properties, outputs: Properties
    ) -> Instance | None:
        """Read a resource as it is now; returns None when it is gone."""
        return _resource(type_).read(self._site(), id_, inputs, outputs)

    def find(self, type_: str, name: str, inputs: Properties) -> Instance | None:
        """Look for what an interrupted create of these inputs may have left behind."""
        return _resource(type_).find(self._site(), name, inputs)

    def invoke(self, token: str, arguments: Mapping[str, Any]) -> Properties:
        """Call a function of the package."""
        return invoke(self._site(), token, arguments)

    def close(self) -> None:
        """Close the connections to the daemon. A later operation opens new ones."""
        close = getattr(self._daemon, "close", None)
        if close is not None:
            close()

    def _site(self) -> DockerSite:
        with self._lock:
            if self._daemon is None:
                # Importing the SDK takes a tenth of a second that most runs can do without.
                with ONE_AT_A_TIME:
                    from webstack.engine.providers.docker.client.connection import Connection

                self._daemon = Connection(lambda: find_host(self._config, self._environ))
        given = read_registry_auth(self._config.get("registryAuth"))
        credentials = Credentials(given, _cli_login)
        return DockerSite(self._daemon, credentials, self._progress, environ=self._environ)


def _cli_login(registry: str, config_file: str | None) -> Login | None:
    # Importing the SDK takes a tenth of a second, and only pulls and pushes come here.
    from webstack.engine.providers.docker.registry.cli_login import cli_login

    return cli_login(registry, config_file)


def _silent(resource: str, line: str) -> None:
    """Ignore a line of progress."""


def _resource(type_: str) -> DockerResource:
    try:
        return RESOURCES[type_]
    except KeyError:
        raise NotServedError(f"resource type {type_}") from None
