"""Creates, deletes and reads volumes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from webstack.docker.api.calls import quoted
from webstack.engine.model.provider import Instance, Properties, ProviderError
from webstack.engine.providers.docker.client.api import (
    CONFLICT,
    NOT_FOUND,
    DaemonRefusedError,
    inspect,
)
from webstack.engine.providers.docker.container.schema import LABELS
from webstack.engine.providers.docker.resource.refreshing import refreshed_inputs
from webstack.engine.providers.docker.resource.resource import DockerResource, DockerSite
from webstack.engine.providers.docker.schema.schema import Schema, mapping, set_of, text
from webstack.engine.providers.docker.schema.shapes import (
    labels_from_docker,
    labels_to_docker,
    without_empty,
)

VOLUME: Final[Schema] = {
    "name": text(replaces=True),
    "labels": set_of(LABELS, replaces=True),
    "driver": text(computed=True, replaces=True),
    "driverOpts": mapping(replaces=True),
    "mountpoint": text(output=True),
}
_PATIENCE: Final = 30.0
_INTERVAL: Final = 0.2


class VolumeResource(DockerResource):
    """Serves volumes by their names. An existing one of the name is taken over."""

    label: ClassVar[str] = "volume"
    schema: ClassVar[Schema] = VOLUME
    generates_name: ClassVar[bool] = True

    def create(
        self, site: DockerSite, name: str, inputs: Properties, timeout: float | None
    ) -> Instance:
        """Create a volume, or take over the one of that name."""
        body = {
            "Name": inputs["name"],
            "Driver": inputs.get("driver"),
            "DriverOpts": inputs.get("driverOpts"),
            "Labels": labels_to_docker(inputs.get("labels")),
        }
        try:
            seen = site.daemon.call("POST", "/volumes/create", body=without_empty(body))
        except DaemonRefusedError as error:
            raise ProviderError(f"volume {inputs['name']}: {error}") from error
        return Instance(seen["Name"], volume_outputs(seen))

    def delete(self, site: DockerSite, id_: str, outputs: Properties) -> None:
        """Delete a volume, waiting for containers that are about to go."""
        deadline = site.now() + _PATIENCE
        while not _deleted(site, id_, last=site.now() >= deadline):
            site.sleep(_INTERVAL)

    def read(
        self, site: DockerSite, id_: str, inputs: Properties, outputs: Properties
    ) -> Instance | None:
        """Read a volume by name."""
        seen = inspect(site.daemon, f"/volumes/{quoted(id_)}")
        if seen is None:
            return None
        found = volume_outputs(seen)
        return Instance(seen["Name"], found, refreshed_inputs(VOLUME, inputs, found))

    def find(self, site: DockerSite, name: str, inputs: Properties) -> Instance | None:
        """Find the volume of that name, if it is as wanted."""
        found = self.read(site, inputs["name"], inputs, {})
        if found is None or self.diff(inputs, found.outputs, inputs).changes:
            return None
        return found


def volume_outputs(seen: Mapping[str, Any]) -> Properties:
    """Return all output keys of a volume that exists."""
    return {
        "cluster": None,
        "driver": seen["Driver"],
        "driverOpts": seen.get("Options") or None,
        "id": seen["Name"],
        "labels": labels_from_docker(seen.get("Labels")),
        "mountpoint": seen.get("Mountpoint", ""),
        "name": seen["Name"],
    }


def _deleted(site: DockerSite, id_: str, *, last: bool) -> bool:
    try:
        site.daemon.call("DELETE", f"/volumes/{quoted(id_)}", query={"force": "true"})
    except DaemonRefusedError as error:
        if error.status == NOT_FOUND:
            return True
        if error.status == CONFLICT and not last:
            return False
        raise ProviderError(
            f"volume {id_} is still in use; see `docker ps -a --filter volume={id_}`"
            if error.status == CONFLICT
            else f"volume {id_}: {error}"
        ) from error
    return True
