"""Makes the images that all others start from, on the Docker daemon itself.

What the machine adds to them (certificates, package index) is in no input, so that two machines
agree on the state.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, Resource, ResourceProvider, UpdateResult

from infra.daemon.client import connect
from infra.daemon.failures import told_plainly, without_space
from infra.images import debian, service_base
from infra.images.content import digest
from webstack.contract import bounded_files, plain_text
from webstack.docker import archives
from webstack.docker.errors import NotFoundError

_DOCKERFILE = Path(__file__).parent / "images" / "Dockerfile"
_BUNDLE = 16 << 20
"""Bytes; the largest bundles of authorities have one or two MiB."""
_RUNS = "python"
"""The stage whose image runs itself, as the proxy's holder."""
_CERTIFICATE_VARIABLES = ("SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


@dataclass(frozen=True)
class BaseNames:
    """Holds the references of the base images. They are known before the images are made.

    The record of an earlier version may have no references for services.
    """

    debian: str
    python: str
    python_build: str
    service: str = ""
    service_build: str = ""

    @classmethod
    def of(cls, reference: str) -> BaseNames:
        """Give the names that follow from the pinned Debian and the recipes on top of it.

        The images that only services start from have a tag of their own. A change of these images
        leaves the listener, the relays and the proxy as they are.
        """
        bootstrap = [debian.SUITE, debian.PACKAGES, *debian.OPTIONS]
        tag = digest([reference, *bootstrap, _DOCKERFILE.read_text()], length=12)
        files = {name: body.decode() for name, body in service_base.build_context().items()}
        on_top = digest([tag, files], length=12)
        return cls(
            *(f"webstack/{name}:{tag}" for name in ("debian", "python", "python-build")),
            *(f"webstack/{name}:{on_top}" for name in ("python-service", "python-service-build")),
        )


class BaseImageProvider(ResourceProvider):
    """Makes one base image where it is missing."""

    serialize_as_secret_always = False  # it holds no values

    def diff(self, _id: str, olds: Mapping[str, Any], news: Mapping[str, Any]) -> DiffResult:
        """Report a change if the recipe is another, or if the daemon has lost the image."""
        changed = olds.get("image") != news["image"]
        wanted = news.get("made", True) or news["stage"] == _RUNS
        with told_plainly():
            missing = wanted and not _exists(connect(), news["image"])
        return DiffResult(changes=changed or missing)

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Make the image unless it is there already."""
        with told_plainly():
            provide(connect(timeout=600), props)
        return CreateResult(props["stage"], props)

    def update(self, _id: str, _olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Make the image unless it is there. Images of earlier recipes stay for rollback."""
        with told_plainly():
            provide(connect(timeout=600), news)
        return UpdateResult(news)


class BaseImage(Resource, module="webstack", name="BaseImage"):
    """Declares an image that others start from. A stage of the recipe makes it."""

    def __init__(self, properties: Mapping[str, Any], opts: pulumi.ResourceOptions) -> None:
        super().__init__(BaseImageProvider(), f"{properties['stage']}-base", {**properties}, opts)


class BaseImages(pulumi.ComponentResource):
    """Declares the base images, each made from the one before.

    For a release that comes back, ``made`` is false and no image is made. The image that it runs on
    must be there already.
    """

    def __init__(
        self, reference: str, names: BaseNames, certificates: str | None, *, made: bool = True
    ) -> None:
        super().__init__("webstack:image:BaseImages", "base")
        images: list[BaseImage] = []
        for properties in recipes(reference, names, certificates):
            opts = pulumi.ResourceOptions(parent=self, depends_on=images[-1:])
            images.append(BaseImage({**properties, "made": made}, opts))
        _, self.python, *_, self.service_build = images
        self.register_outputs(vars(names))


def recipes(reference: str, names: BaseNames, certificates: str | None) -> list[dict[str, Any]]:
    """List what each base image is made of, in the order in which they are made."""
    on_debian = {"debian": names.debian}
    for_services = [
        {"stage": "python-service", "image": names.service, "base": names.python},
        {"stage": "python-service-build", "image": names.service_build, "base": names.python_build},
    ]
    return [
        {"stage": "debian", "image": names.debian, "reference": reference},
        {"stage": "python", "image": names.python, **on_debian},
        {
            "stage": "python-build",
            "image": names.python_build,
            **on_debian,
            "certificates": certificates,
        },
        *(each for each in for_services if each["image"]),
    ]


def provide(api: Any, properties: Mapping[str, Any]) -> None:
    """Make the image that the properties of a BaseImage describe, unless it is there.

    Raises DebianError if the image cannot be had.
    """
    if _exists(api, properties["image"]):
        return
    if not properties.get("made", True):
        if properties["stage"] == _RUNS:
            raise debian.DebianError(f"the image {properties['image']} of the release is gone")
    elif properties["stage"] == "debian":
        debian.provide(api, properties["reference"], properties["image"])
    else:
        _build(api, properties)


def _exists(api: Any, reference: str) -> bool:
    try:
        api.inspect_image(reference)
    except NotFoundError:
        return False
    return True


def _build(api: Any, properties: Mapping[str, Any]) -> None:
    if "base" in properties:
        files, made_of = service_base.build_context(), {"BASE": properties["base"]}
    else:
        files, made_of = _build_context(properties), {"DEBIAN": properties["debian"]}
    output = ""
    for event in api.build(
        archives.of_bytes(files),
        tag=properties["image"],
        target=None if "base" in properties else properties["stage"],
        arguments=made_of,
    ):
        output += event.get("stream", "")
        if "error" in event:
            lines = "\n".join(f"    {line}" for line in plain_text.lines(output)[-15:])
            reason = without_space(event["error"], output) or event["error"]
            raise debian.DebianError(f"building {properties['image']} failed: {reason}\n{lines}")


def _build_context(properties: Mapping[str, Any]) -> dict[str, bytes]:
    """Give the files for the build of a base image, with what this machine adds to it."""
    bundle = b""
    if properties["stage"] == "python-build":
        bundle = certificates(properties.get("certificates"), os.environ)
    return {
        "Dockerfile": _DOCKERFILE.read_bytes(),
        "etc/ssl/build-certificates.pem": bundle,
        "etc/pip.conf": pip_configuration(bool(bundle), os.environ).encode(),
    }


def certificates(setting: str | None, environment: Mapping[str, str]) -> bytes:
    """Read the certificate authorities of the machine, as PEM; empty if it names none.

    Raises DebianError if the named file cannot be read.
    """
    named = [environment[name] for name in _CERTIFICATE_VARIABLES if environment.get(name)]
    for path in [setting] if setting else named[:1]:
        try:
            return bounded_files.read_any(Path(path), _BUNDLE)
        except OSError as error:
            raise debian.DebianError(
                f"cannot read the certificate bundle {path}: {error.strerror}; see the setting "
                f"certificates and the variables {', '.join(_CERTIFICATE_VARIABLES)}"
            ) from None
    return b""


def pip_configuration(certified: bool, environment: Mapping[str, str]) -> str:
    """Write pip's settings for builds: the machine's authorities and its package index."""
    lines = ["[global]", "disable-pip-version-check = true", "no-cache-dir = true"]
    if certified:
        lines.append("cert = /etc/ssl/build-certificates.pem")
    if index := environment.get("PIP_INDEX_URL"):
        lines.append(f"index-url = {index}")
    return "\n".join([*lines, ""])
