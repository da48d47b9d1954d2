"""An image of one of the project's folders."""

from __future__ import annotations

import os
from pathlib import Path

import pulumi
import pulumi_docker as docker

from infra.model.specs import Build, Image


class ServiceImage(pulumi.ComponentResource):
    """Build an image when its content changes, under a tag that says so.

    Its files are inputs, for whoever reviews a preview: in which of them the images differ.
    Nothing is ``built`` of one that has to be there already.
    """

    def __init__(self, image: Image, opts: pulumi.ResourceOptions | None = None) -> None:
        contents = {"reference": image.reference, "files": dict(image.files)}
        super().__init__("webstack:image:ServiceImage", image.name, contents, opts)
        self.built = [self._built(image, image.build)] if image.build else []
        self.register_outputs({"reference": image.reference})

    def _built(self, image: Image, build: Build) -> pulumi.Resource:
        context = Path(os.path.relpath(Path(pulumi.get_root_directory()) / build.context))
        return docker.Image(
            image.name,
            image_name=image.reference,
            skip_push=True,
            build=docker.DockerBuildArgs(
                context=context.as_posix(),
                dockerfile=(context / "Dockerfile").as_posix(),
                args=dict(build.arguments),
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
