"""Declares resources of the package `pulumi-docker`, by the names that its provider has for them.

The classes of the package make the same registrations (`tests/infra/runtime/`). They are not used,
since their import and their checks take a fifth of a second of each run.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pulumi

_PACKAGE = "pulumi_docker"


class DockerResource(pulumi.CustomResource):
    """Declares one resource of a type, such as ``container:Container``.

    Properties have the names of pulumi-docker's schema; those that are None are left out.
    """

    def __init__(
        self, kind: str, name: str, properties: Mapping[str, Any], opts: pulumi.ResourceOptions
    ) -> None:
        said = {key: value for key, value in properties.items() if value is not None}
        served = pulumi.ResourceOptions(version=_version())
        super().__init__(
            f"docker:index/{kind}", name, said, pulumi.ResourceOptions.merge(served, opts)
        )


class Container(DockerResource):
    """Declares a container."""

    def __init__(
        self, name: str, properties: Mapping[str, Any], opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__("container:Container", name, properties, opts)


class Image(DockerResource):
    """Declares an image that is built."""

    def __init__(
        self, name: str, properties: Mapping[str, Any], opts: pulumi.ResourceOptions
    ) -> None:
        former = pulumi.ResourceOptions(aliases=[pulumi.Alias(type_="docker:image:Image")])
        given = {"buildOnPreview": False, **properties}
        super().__init__("image:Image", name, given, pulumi.ResourceOptions.merge(opts, former))


class RemoteImage(DockerResource):
    """Declares an image of a registry."""

    def __init__(
        self, name: str, properties: Mapping[str, Any], opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__("remoteImage:RemoteImage", name, properties, opts)


class Network(DockerResource):
    """Declares a network."""

    name: pulumi.Output[str]

    def __init__(
        self, name: str, properties: Mapping[str, Any], opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__("network:Network", name, properties, opts)


class Volume(DockerResource):
    """Declares a volume."""

    name: pulumi.Output[str]

    def __init__(
        self, name: str, properties: Mapping[str, Any], opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__("volume:Volume", name, properties, opts)


def labelled(labels: Mapping[str, pulumi.Input[str]]) -> list[dict[str, pulumi.Input[str]]]:
    """Write labels as the schema does."""
    return [{"label": label, "value": value} for label, value in labels.items()]


@cache
def _version() -> str:
    """Read which version of the provider the installed package is for, without importing it."""
    spec = find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"{_PACKAGE} is not installed")
    said = json.loads((Path(spec.origin).parent / "pulumi-plugin.json").read_bytes())
    return str(said["version"])
