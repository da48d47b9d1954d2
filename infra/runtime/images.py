"""An image of one of the project's folders."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pulumi
import pulumi_docker as docker

from infra.model.specs import Build, Image


class ServiceImage(pulumi.ComponentResource):
    """An image that is built when its content changes, under a tag that follows from the content.

    Its files are inputs, so that a reviewer of a preview sees in which of them the images differ.
    ``built`` is empty for an image that has to be there already. It is built ``after`` others.
    """

    def __init__(
        self,
        image: Image,
        opts: pulumi.ResourceOptions | None = None,
        after: Sequence[pulumi.Resource] = (),
    ) -> None:
        contents = {"reference": image.reference, "files": dict(image.files)}
        super().__init__("webstack:image:ServiceImage", image.name, contents, opts)
        self.built: list[pulumi.Resource] = []
        if image.build:
            self.built = [self._built(image, image.build, after)]
        elif image.pulled:
            self.built = [self._pulled(image)]
        self.register_outputs({"reference": image.reference})

    def _built(
        self, image: Image, build: Build, after: Sequence[pulumi.Resource]
    ) -> pulumi.Resource:
        root = Path(os.path.relpath(pulumi.get_root_directory()))
        context = Path(os.path.relpath(root / build.context))
        own = Path(os.path.relpath(root / build.dockerfile)) if build.dockerfile else None
        return docker.Image(
            image.name,
            image_name=image.reference,
            skip_push=True,
            build=docker.DockerBuildArgs(
                context=context.as_posix(),
                dockerfile=(own or context / "Dockerfile").as_posix(),
                args=dict(build.arguments),
                target=build.target,
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(after)),
        )

    def _pulled(self, image: Image) -> pulumi.Resource:
        """Releases that may come back need it, so it stays where it is."""
        return docker.RemoteImage(
            image.name,
            name=image.reference,
            keep_locally=True,
            opts=pulumi.ResourceOptions(parent=self),
        )
