"""Serves images that are built on this daemon."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar, Final

from webstack.docker.build_context import relative_dockerfile
from webstack.engine.model.provider import (
    UNKNOWN,
    Diff,
    Instance,
    Properties,
    PropertyChange,
    ProviderError,
)
from webstack.engine.model.values import holds_unknown
from webstack.engine.providers.docker.image.build import build
from webstack.engine.providers.docker.image.context_digest import context_digest
from webstack.engine.providers.docker.image.store import local_image, push
from webstack.engine.providers.docker.registry.image_names import names_registry, parse_image
from webstack.engine.providers.docker.resource.checking import check_inputs, without_defaults
from webstack.engine.providers.docker.resource.resource import DockerResource, DockerSite
from webstack.engine.providers.docker.schema.rules import one_of
from webstack.engine.providers.docker.schema.schema import (
    Schema,
    flag,
    list_of,
    mapping,
    record,
    text,
)

_BUILD: Final = {
    "context": text(),
    "dockerfile": text(),
    "args": mapping(),
    "target": text(),
    "platform": text(),
    "cacheFrom": record({"images": list_of(text())}),
    "addHosts": list_of(text()),
    "network": text(),
    "builderVersion": text(rule=one_of("BuilderV1", "BuilderBuildKit")),
}
_REGISTRY: Final = {"server": text(), "username": text(), "password": text(secret=True)}
IMAGE: Final[Schema] = {
    "imageName": text(required=True),
    "build": record(_BUILD),
    "buildOnPreview": flag(),
    "registry": record(_REGISTRY),
    "skipPush": flag(),
    "baseImageName": text(output=True),
    "context": text(output=True),
    "dockerfile": text(output=True),
    "platform": text(output=True),
    "registryServer": text(output=True),
    "repoDigest": text(output=True),
}
_ARCHITECTURES: Final = {"x86_64": "amd64", "aarch64": "arm64", "armv7l": "arm"}


class ImageResource(DockerResource):
    """Builds an image from a folder and pushes it unless told not to. Any change rebuilds it."""

    label: ClassVar[str] = "image"
    schema: ClassVar[Schema] = IMAGE

    def check(self, name: str, old: Properties | None, new: Properties) -> Properties:
        """Return the checked inputs, with the digest of the files to build from."""
        checked: Properties = without_defaults(check_inputs(self.label, name, IMAGE, None, new))
        settings = checked.get("build", {})
        if isinstance(settings, dict):
            checked["build"] = _completed(name, settings)
        _check_name(name, checked)
        return {**checked, "buildOnPreview": checked.get("buildOnPreview", False)}

    def diff(self, old_inputs: Properties, old_outputs: Properties, new: Properties) -> Diff:
        """Compare the inputs it was built from with the new ones. It is never replaced."""
        old: Properties = old_outputs.get("__inputs") or {}
        keys = [key for key in sorted(old.keys() | new.keys()) if old.get(key) != new.get(key)]
        return Diff(
            tuple(
                PropertyChange(key, _kind(old.get(key), new.get(key)))
                for key in keys
                if key != "registry" or _server(old) != _server(new)
            )
        )

    def planned_outputs(self, new: Properties, old_outputs: Properties | None) -> Properties:
        """Return all outputs but the digest, which the build decides."""
        return {} if holds_unknown(new.get("build")) else _outputs(new)

    def foreseen_outputs(
        self, site: Callable[[], DockerSite], new: Properties, old_outputs: Properties | None
    ) -> Properties:
        """Build the image already in the preview where asked for, without pushing it."""
        planned = self.planned_outputs(new, old_outputs)
        settings = new.get("build")
        known = isinstance(settings, dict) and not holds_unknown(
            [new["imageName"], *(settings.get(key) for key in ("context", "dockerfile", "args"))]
        )
        if new.get("buildOnPreview") is not True or not known:
            return planned
        return {**planned, "repoDigest": build(site(), new["imageName"], new)}

    def create(
        self, site: DockerSite, name: str, inputs: Properties, timeout: float | None
    ) -> Instance:
        """Build the image, and push it unless told not to."""
        image_name: str = inputs["imageName"]
        id_ = build(site, name, inputs)
        repo_digest = id_ if inputs.get("skipPush") else _push(site, name, inputs)
        outputs = {**_outputs(inputs), "repoDigest": repo_digest, "__inputs": inputs}
        return Instance(image_name, outputs)

    def update(
        self, site: DockerSite, id_: str, old_outputs: Properties, new: Properties
    ) -> Properties:
        """Build the image again."""
        return self.create(site, new["imageName"], new, None).outputs

    def delete(self, site: DockerSite, id_: str, outputs: Properties) -> None:
        """Leave the image in place, as the Pulumi provider does."""

    def read(
        self, site: DockerSite, id_: str, inputs: Properties, outputs: Properties
    ) -> Instance | None:
        """Return the state as it is while an image that was only built here is still there."""
        if not inputs:
            raise ProviderError("a docker image that is built cannot be imported; use RemoteImage")
        if inputs.get("skipPush") and local_image(site, outputs["repoDigest"]) is None:
            return None
        return Instance(id_, outputs, inputs)


def _completed(name: str, settings: Properties) -> Properties:
    """Return the build settings with defaults and the digest."""
    context = settings.get("context", ".")
    dockerfile = settings.get("dockerfile")
    if dockerfile is None:
        dockerfile = UNKNOWN if context == UNKNOWN else os.path.normpath(f"{context}/Dockerfile")
    machine = platform.machine()
    complete = {
        "platform": f"linux/{_ARCHITECTURES.get(machine, machine)}",
        **settings,
        "context": context,
        "dockerfile": dockerfile,
    }
    if holds_unknown([context, dockerfile]):
        return complete
    _see_dockerfile(name, context, dockerfile)
    return {**complete, "contextDigest": context_digest(context, dockerfile)}


def _see_dockerfile(name: str, context: str, dockerfile: str) -> None:
    if not Path(context).is_dir():
        raise ProviderError(f'docker image "{name}": the build context {context} is not a folder')
    if Path(dockerfile).is_file():
        return
    inside = Path(context, dockerfile)
    hint = f"; its path begins where the program runs: {inside}" if inside.is_file() else ""
    raise ProviderError(f'docker image "{name}": there is no Dockerfile {dockerfile}{hint}')


def _check_name(name: str, checked: Properties) -> None:
    image_name, settings = checked["imageName"], checked.get("build", {})
    cached = isinstance(settings, dict) and (settings.get("cacheFrom") or {}).get("images")
    if holds_unknown(image_name) or _server(checked) or (checked.get("skipPush") and not cached):
        return
    if not names_registry(image_name):
        raise ProviderError(
            f'docker image "{name}": imageName {image_name} must begin with its registry, such as '
            f"docker.io/{image_name}, {_purpose(cached)}"
        )


def _purpose(cached: Any) -> str:
    return "to be built with cacheFrom" if cached else "to be pushed; or set skipPush"


def _server(inputs: Properties) -> Any:
    registry = inputs.get("registry")
    return registry.get("server") if isinstance(registry, dict) else registry


def _kind(old: Any, new: Any) -> Any:
    if old is None:
        return "add"
    return "delete" if new is None else "update"


def _outputs(inputs: Properties) -> Properties:
    settings = inputs["build"]
    return {
        "baseImageName": inputs["imageName"],
        "context": settings["context"],
        "dockerfile": relative_dockerfile(Path(settings["context"]), Path(settings["dockerfile"])),
        "imageName": inputs["imageName"],
        "platform": settings["platform"],
        "registryServer": _server(inputs) or "",
    }


def _push(site: DockerSite, name: str, inputs: Properties) -> str:
    image_name: str = inputs["imageName"]
    digest = push(site, name, image_name, inputs.get("registry"))
    if digest is None:
        raise ProviderError(f"image {image_name} was pushed, yet the registry named no digest")
    return f"{parse_image(image_name).full}@{digest}"
