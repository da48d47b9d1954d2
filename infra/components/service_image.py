"""An image of one of the project's folders."""

from __future__ import annotations

import os
from pathlib import Path

import pulumi
import pulumi_docker as docker

from infra.model import Image


class ServiceImage(pulumi.ComponentResource):
    """Build an image when its content changes, under a tag that says so.

    Its files are inputs, for whoever reviews a preview: in which of them the images differ.
    """

    def __init__(self, image: Image, opts: pulumi.ResourceOptions | None = None) -> None:
        contents = {"reference": image.reference, "files": dict(image.files)}
        super().__init__("webstack:image:ServiceImage", image.name, contents, opts)
        context = Path(os.path.relpath(Path(pulumi.get_root_directory()) / image.context))
        self.image = docker.Image(
            image.name,
            image_name=image.reference,
            skip_push=True,
            build=docker.DockerBuildArgs(
                context=context.as_posix(),
                dockerfile=(context / "Dockerfile").as_posix(),
                args=dict(image.arguments),
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({"reference": image.reference})
