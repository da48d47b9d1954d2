"""Gives images further names."""

from __future__ import annotations

from typing import ClassVar, Final

from webstack.docker.api.calls import quoted
from webstack.engine.model.provider import Instance, Properties, ProviderError
from webstack.engine.providers.docker.client.api import DaemonRefusedError
from webstack.engine.providers.docker.image.store import local_image
from webstack.engine.providers.docker.registry.image_names import parse_image
from webstack.engine.providers.docker.resource.resource import DockerResource, DockerSite
from webstack.engine.providers.docker.schema.schema import Schema, set_of, text
from webstack.engine.providers.docker.schema.shapes import stated

TAG: Final[Schema] = {
    "sourceImage": text(required=True, replaces=True),
    "targetImage": text(required=True, replaces=True),
    "tagTriggers": set_of(text(), replaces=True),
    "sourceImageId": text(output=True),
}


class TagResource(DockerResource):
    """Serves a second name of an image. Deleting the resource leaves the name in place."""

    label: ClassVar[str] = "tag"
    schema: ClassVar[Schema] = TAG

    def create(
        self, site: DockerSite, name: str, inputs: Properties, timeout: float | None
    ) -> Instance:
        """Tag the image with its further name."""
        source, target = inputs["sourceImage"], parse_image(inputs["targetImage"])
        try:
            site.daemon.call(
                "POST",
                f"/images/{quoted(source)}/tag",
                query={"repo": target.familiar, "tag": target.tag},
            )
        except DaemonRefusedError as error:
            raise ProviderError(f"tag {inputs['targetImage']}: {error}") from error
        image = local_image(site, source)
        id_ = f"{source}.{inputs['targetImage']}"
        read = {"sourceImageId": image["Id"] if image else None, "id": id_}
        return Instance(id_, {**stated(TAG, inputs), **read})

    def delete(self, site: DockerSite, id_: str, outputs: Properties) -> None:
        """Leave both names in place, as the Pulumi provider does."""

    def read(
        self, site: DockerSite, id_: str, inputs: Properties, outputs: Properties
    ) -> Instance | None:
        """Return the state as it is, as the Pulumi provider does."""
        return Instance(id_, outputs, inputs)
