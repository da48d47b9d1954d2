"""Pushes images from the daemon's own store to a registry."""

from __future__ import annotations

from typing import ClassVar, Final

from webstack.engine.model.provider import Instance, Properties, ProviderError
from webstack.engine.providers.docker.image.store import push
from webstack.engine.providers.docker.registry.credentials import host_name
from webstack.engine.providers.docker.registry.image_names import parse_image
from webstack.engine.providers.docker.registry.registry import RegistryClient
from webstack.engine.providers.docker.resource.refreshing import refreshed_inputs
from webstack.engine.providers.docker.resource.resource import DockerResource, DockerSite, recorded
from webstack.engine.providers.docker.schema.schema import Schema, flag, mapping, record, text
from webstack.engine.providers.docker.schema.shapes import stated

_AUTH: Final = {
    "address": text(required=True),
    "username": text(),
    "password": text(secret=True),
}
REGISTRY_IMAGE: Final[Schema] = {
    "name": text(replaces=True),
    "keepRemotely": flag(default=False),
    "insecureSkipVerify": flag(default=False),
    "triggers": mapping(replaces=True),
    "authConfig": record(_AUTH),
    "sha256Digest": text(output=True),
}


class RegistryImageResource(DockerResource):
    """Serves images in a registry. Their id is their digest there."""

    label: ClassVar[str] = "registry image"
    schema: ClassVar[Schema] = REGISTRY_IMAGE
    generates_name: ClassVar[bool] = True

    def create(
        self, site: DockerSite, name: str, inputs: Properties, timeout: float | None
    ) -> Instance:
        """Push the image."""
        push(site, name, inputs["name"], inputs.get("authConfig"))
        instance = self._read(site, inputs)
        if instance is None:
            raise ProviderError(f"image {inputs['name']} was pushed, yet the registry has it not")
        return instance

    def update(
        self, site: DockerSite, id_: str, old_outputs: Properties, new: Properties
    ) -> Properties:
        """Record the new settings for deletion."""
        return {**recorded(old_outputs), **self.planned_outputs(new, old_outputs)}

    def delete(self, site: DockerSite, id_: str, outputs: Properties) -> None:
        """Delete the image from the registry unless it is to be kept there."""
        if not outputs.get("keepRemotely"):
            _registry(site, outputs).delete(outputs["sha256Digest"])

    def read(
        self, site: DockerSite, id_: str, inputs: Properties, outputs: Properties
    ) -> Instance | None:
        """Ask the registry for the digest; returns None where it has none."""
        found = self._read(site, inputs) if inputs else None
        if found is None:
            return None
        again = refreshed_inputs(REGISTRY_IMAGE, inputs, found.outputs)
        return Instance(id_, found.outputs, again)

    def _read(self, site: DockerSite, inputs: Properties) -> Instance | None:
        digest = _registry(site, inputs).digest()
        if digest is None:
            return None
        read = {"sha256Digest": digest, "build": None, "id": digest}
        return Instance(digest, {**stated(REGISTRY_IMAGE, inputs), **read})


def _registry(site: DockerSite, inputs: Properties) -> RegistryClient:
    image = parse_image(inputs["name"])
    own = _own_login(image.registry, inputs)
    return RegistryClient(
        image,
        site.credentials.address(image.registry, own),
        site.credentials.login(image.registry, own),
        site.environ,
        verify=not inputs.get("insecureSkipVerify"),
    )


def _own_login(registry: str, inputs: Properties) -> Properties | None:
    own = inputs.get("authConfig") or {}
    return own if own.get("address") and host_name(own["address"]) == registry else None
