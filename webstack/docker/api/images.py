"""Calls of the API about images."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import IO, Any

from webstack.docker.api.base import Calling, filtered
from webstack.docker.api.calls import quoted
from webstack.docker.errors import DaemonError, RefusedError


class Images(Calling):
    """Images by name or id; whatever fails raises DaemonError."""

    def images(
        self,
        name: str | None = None,
        *,
        quiet: bool = False,
        filters: Mapping[str, Any] | None = None,
    ) -> list[Any]:
        """List images, only those of a ``name`` if one is given; if ``quiet``, their ids alone."""
        named = {**(filters or {}), **({"reference": name} if name else {})}
        found = self.value("GET", "/images/json", query={"filters": filtered(named)})
        return list(dict.fromkeys(each["Id"] for each in found)) if quiet else list(found)

    def inspect_image(self, image: str) -> dict[str, Any]:
        """Give all that the daemon knows of an image."""
        return dict(self.value("GET", f"/images/{quoted(image)}/json"))

    def inspect_distribution(self, image: str) -> dict[str, Any]:
        """Give what an image's registry tells of it."""
        path, headers = f"/distribution/{quoted(image)}/json", _login(image)
        return dict(self.value("GET", path, headers=headers))

    def remove_image(self, image: str) -> None:
        """Take a name from an image; one without a name goes."""
        self.value("DELETE", f"/images/{quoted(image)}")

    def tag(self, image: str, repository: str, tag: str | None = None) -> None:
        """Give an image another name; its tag may stand in the name itself."""
        query = {"repo": repository, "tag": tag}
        self.value("POST", f"/images/{quoted(image)}/tag", query=query)

    def pull(self, image: str) -> Iterator[dict[str, Any]]:
        """Fetch an image from its registry; gives what the daemon tells meanwhile."""
        repository, tag = _parted(image)
        query, headers = {"fromImage": repository, "tag": tag}, _login(image)
        return self._told("/images/create", query=query, headers=headers)

    def import_image_from_stream(self, stream: IO[bytes], *, repository: str, tag: str) -> None:
        """Make an image of an archive of its file system; raises RefusedError."""
        query = {"fromSrc": "-", "repo": repository, "tag": tag}
        headers = {"Content-Type": "application/tar"}
        for event in self._told("/images/create", query=query, content=stream, headers=headers):
            if "error" in event:
                raise RefusedError(str(event["error"]))

    def save_images(self, images: Sequence[str]) -> Iterator[bytes]:
        """Read images as one archive, in pieces; the daemon packs a while before it answers."""
        return self.send("GET", "/images/get", query={"names": list(images)}).pieces()

    def load_image(self, archive: IO[bytes]) -> Iterator[dict[str, Any]]:
        """Take the images of an archive; gives what the daemon tells meanwhile."""
        query, headers = {"quiet": 1}, {"Content-Type": "application/x-tar"}
        return self._told("/images/load", query=query, content=archive, headers=headers)

    def build(
        self,
        archive: Iterable[bytes] | bytes,
        *,
        tag: str,
        target: str | None,
        arguments: Mapping[str, str],
    ) -> Iterator[dict[str, Any]]:
        """Build an image from a context; gives what the daemon tells meanwhile."""
        query = {
            "t": tag,
            "rm": 1,
            "target": target,
            "buildargs": json.dumps({**_proxies(), **arguments}),
        }
        headers = {"Content-Type": "application/x-tar"}
        return self._told("/build", query=query, content=archive, headers=headers)

    def _told(self, path: str, **options: Any) -> Iterator[dict[str, Any]]:
        return self.send("POST", path, timeout=None, **options).values()


def _parted(image: str) -> tuple[str, str]:
    """Part a name from its tag, or from its digest; without either the tag is ``latest``."""
    repository, at, digest = image.partition("@")
    if at:
        return repository, digest
    before, colon, tag = image.rpartition(":")
    return (before, tag) if colon and "/" not in tag else (image, "latest")


def _login(image: str) -> dict[str, str]:
    """Give the header with what the docker CLI has kept for an image's registry, if it has."""
    # Docker's SDK knows its files and helpers. It takes its time to be imported.
    from docker import auth
    from docker.errors import DockerException

    try:
        registry, _ = auth.resolve_repository_name(_parted(image)[0])
        found = auth.load_config().resolve_authconfig(registry)
    except DockerException as error:
        raise DaemonError(f"the login that the docker CLI keeps: {error}") from None
    return {"X-Registry-Auth": auth.encode_header(found).decode()} if found else {}


def _proxies() -> dict[str, str]:
    """Give the HTTP proxies that the docker CLI's settings have for builds."""
    from docker.utils import config
    from docker.utils.proxy import ProxyConfig

    said = config.load_general_config().get("proxies", {}).get("default", {})
    found = ProxyConfig.from_dict(said).get_environment()
    return {str(name): str(value) for name, value in found.items()}
