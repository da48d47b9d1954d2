"""The images that all others start from, made on the engine itself.

What the machine adds to them (certificates, package index) is in no input, so that two machines
agree on the state.
"""

from __future__ import annotations

import io
import os
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker
import pulumi
from docker.errors import ImageNotFound
from pulumi.dynamic import CreateResult, DiffResult, Resource, ResourceProvider, UpdateResult

from infra import debian
from infra.content import digest
from infra.failures import told_plainly

_DOCKERFILE = Path(__file__).parent / "images" / "Dockerfile"
_CERTIFICATE_VARIABLES = ("SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


@dataclass(frozen=True)
class BaseNames:
    """References of the base images, known before they are made."""

    debian: str
    python: str
    python_build: str

    @classmethod
    def of(cls, reference: str) -> BaseNames:
        """The names that follow from the pinned Debian and the recipe on top of it."""
        tag = digest([reference, debian.SUITE, _DOCKERFILE.read_text()], length=12)
        return cls(*(f"webstack/{name}:{tag}" for name in ("debian", "python", "python-build")))


class BaseImagesProvider(ResourceProvider):
    """Builds what is missing of the base images."""

    serialize_as_secret_always = False  # it holds no values

    def diff(self, _id: str, olds: Mapping[str, Any], news: Mapping[str, Any]) -> DiffResult:
        """Another recipe, or an image that is no longer on the engine."""
        keys = ("reference", "debian", "python", "python_build")
        changed = any(olds.get(key) != news.get(key) for key in keys)
        return DiffResult(changes=changed or bool(_missing(docker.from_env().api, news)))

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Make the images that are not there yet."""
        with told_plainly():
            _make(docker.from_env(timeout=600).api, props)
        return CreateResult("base-images", props)

    def update(self, _id: str, _olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """The same: images of an earlier recipe stay for rollback."""
        with told_plainly():
            _make(docker.from_env(timeout=600).api, news)
        return UpdateResult(news)


class BaseImages(Resource, module="webstack", name="BaseImages"):
    """Debian, Python on it, and Python with what builds need."""

    def __init__(
        self,
        reference: str,
        names: BaseNames,
        certificates: str | None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        properties = {"reference": reference, "certificates": certificates, **vars(names)}
        super().__init__(BaseImagesProvider(), "base", properties, opts)


def _missing(api: Any, names: Mapping[str, Any]) -> list[str]:
    return [name for name in ("debian", "python", "python_build") if not _exists(api, names[name])]


def _exists(api: Any, reference: str) -> bool:
    try:
        api.inspect_image(reference)
    except ImageNotFound:
        return False
    return True


def _make(api: Any, properties: Mapping[str, Any]) -> None:
    missing = _missing(api, properties)
    if "debian" in missing:
        debian.provide(api, properties["reference"], properties["debian"])
    for name in ("python", "python_build"):
        if name in missing:
            _build(api, properties, target=name.replace("_", "-"), tag=properties[name])


def _build(api: Any, properties: Mapping[str, Any], target: str, tag: str) -> None:
    context = _context(certificates(properties.get("certificates"), os.environ), os.environ)
    output = ""
    for event in api.build(
        fileobj=context,
        custom_context=True,
        target=target,
        tag=tag,
        buildargs={"DEBIAN": properties["debian"]},
        rm=True,
        decode=True,
    ):
        output += event.get("stream", "")
        if "error" in event:
            lines = "\n".join(f"    {line}" for line in output.splitlines()[-15:])
            raise debian.DebianError(f"building {tag} failed: {event['error']}\n{lines}")


def certificates(setting: str | None, environment: Mapping[str, str]) -> bytes:
    """The certificate authorities of the machine, PEM; empty where it names none.

    Raises DebianError when the named file cannot be read.
    """
    named = [environment[name] for name in _CERTIFICATE_VARIABLES if environment.get(name)]
    for path in [setting] if setting else named[:1]:
        try:
            return Path(path).read_bytes()
        except OSError as error:
            raise debian.DebianError(
                f"cannot read the certificate bundle {path}: {error.strerror}; see the setting "
                f"certificates and the variables {', '.join(_CERTIFICATE_VARIABLES)}"
            ) from None
    return b""


def _context(bundle: bytes, environment: Mapping[str, str]) -> io.BytesIO:
    packed = io.BytesIO()
    files = {
        "Dockerfile": _DOCKERFILE.read_bytes(),
        "certificates.pem": bundle,
        "pip.conf": pip_configuration(bool(bundle), environment).encode(),
    }
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, body in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(body), 0o644
            archive.addfile(entry, io.BytesIO(body))
    packed.seek(0)
    return packed


def pip_configuration(certified: bool, environment: Mapping[str, str]) -> str:
    """What pip needs to know inside builds: the machine's authorities and package index."""
    lines = ["[global]", "disable-pip-version-check = true", "no-cache-dir = true"]
    if certified:
        lines.append("cert = /etc/ssl/build-certificates.pem")
    if index := environment.get("PIP_INDEX_URL"):
        lines.append(f"index-url = {index}")
    return "\n".join([*lines, ""])
