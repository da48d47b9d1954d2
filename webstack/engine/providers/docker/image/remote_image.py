"""Pulls images from a registry unless the daemon has them already."""

from __future__ import annotations

from typing import ClassVar, Final

from webstack.docker.api.calls import quoted
from webstack.engine.model.provider import Instance, Properties, ProviderError
from webstack.engine.providers.docker.client.api import NOT_FOUND, DaemonRefusedError
from webstack.engine.providers.docker.image.store import local_image, local_or_pulled, repo_digest
from webstack.engine.providers.docker.resource.refreshing import refreshed_inputs
from webstack.engine.providers.docker.resource.resource import DockerResource, DockerSite, recorded
from webstack.engine.providers.docker.schema.schema import Schema, flag, mapping, set_of, text
from webstack.engine.providers.docker.schema.shapes import stated

REMOTE_IMAGE: Final[Schema] = {
    "name": text(required=True, replaces=True),
    "keepLocally": flag(),
    "forceRemove": flag(),
    "pullTriggers": set_of(text(), replaces=True),
    "triggers": mapping(replaces=True),
    "platform": text(replaces=True),
    "imageId": text(output=True),
    "repoDigest": text(output=True),
}


class RemoteImageResource(DockerResource):
    """Serves images of the daemon's store, which are pulled where they are missing."""

    label: ClassVar[str] = "image"
    schema: ClassVar[Schema] = REMOTE_IMAGE

    def create(
        self, site: DockerSite, name: str, inputs: Properties, timeout: float | None
    ) -> Instance:
        """Look the image up, else pull it."""
        local_or_pulled(site, name, inputs["name"], inputs.get("platform"))
        return self._read(site, inputs)

    def update(
        self, site: DockerSite, id_: str, old_outputs: Properties, new: Properties
    ) -> Properties:
        """Record the new settings for deletion."""
        return {**recorded(old_outputs), **self._read(site, new).outputs}

    def delete(self, site: DockerSite, id_: str, outputs: Properties) -> None:
        """Remove the image's name, and with its last name the image, unless it is to be kept."""
        if outputs.get("keepLocally"):
            return
        query = {"force": "true"} if outputs.get("forceRemove") else None
        try:
            site.daemon.call("DELETE", f"/images/{quoted(outputs['name'])}", query=query)
        except DaemonRefusedError as error:
            if error.status != NOT_FOUND:
                raise ProviderError(f"image {outputs['name']}: {error}") from error

    def read(
        self, site: DockerSite, id_: str, inputs: Properties, outputs: Properties
    ) -> Instance | None:
        """Look the image up by name."""
        wanted = inputs or {"name": _name_in(id_)}
        if local_image(site, wanted["name"]) is None:
            return None
        found = self._read(site, wanted)
        return Instance(
            found.id, found.outputs, refreshed_inputs(REMOTE_IMAGE, wanted, found.outputs)
        )

    def _read(self, site: DockerSite, inputs: Properties) -> Instance:
        image = local_or_pulled(site, inputs["name"], inputs["name"], inputs.get("platform"))
        id_ = image["Id"] + inputs["name"]
        given = stated(REMOTE_IMAGE, inputs)
        read = {"imageId": image["Id"], "repoDigest": repo_digest(inputs["name"], image)}
        return Instance(id_, {**given, **read, "build": None, "id": id_})


def _name_in(id_: str) -> str:
    """Return the name in a resource id, which follows the image's id there."""
    return id_[len("sha256:") + 64 :] if id_.startswith("sha256:") else id_
