"""Looks up, pulls and pushes images of the daemon's own store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from webstack.docker.api.calls import quoted
from webstack.engine.model.provider import ProviderError
from webstack.engine.providers.docker.client.api import DaemonRefusedError, explain, inspect
from webstack.engine.providers.docker.registry.credentials import Login
from webstack.engine.providers.docker.registry.image_names import parse_image
from webstack.engine.providers.docker.resource.resource import DockerSite


def local_image(site: DockerSite, name: str) -> Mapping[str, Any] | None:
    """Return what Docker knows of an image, None if it is not there."""
    found: Mapping[str, Any] | None = inspect(site.daemon, f"/images/{quoted(name)}/json")
    return found


def local_or_pulled(
    site: DockerSite, resource: str, name: str, platform: str | None = None
) -> Mapping[str, Any]:
    """Return an image, pulling it only if it is not there."""
    found = local_image(site, name)
    if found is None and not name.startswith("sha256:"):
        pull(site, resource, name, platform)
        found = local_image(site, name)
    if found is None:
        raise ProviderError(f"there is no image {name}")
    return found


def pull(site: DockerSite, resource: str, name: str, platform: str | None = None) -> None:
    """Pull an image, with the registry's login if there is one."""
    parts = parse_image(name)
    query = {"fromImage": parts.full, "tag": parts.tag, "platform": platform or ""}
    site.report(resource, f"pulling {name}")
    login = site.credentials.login(parts.registry)
    for _ in _moved(site, f"image {name} cannot be pulled", "/images/create", query, login):
        pass


def push(
    site: DockerSite, resource: str, name: str, own: Mapping[str, Any] | None = None
) -> str | None:
    """Push an image and return the digest that the registry reports, None without one.

    ``own`` is the resource's own user and password for the registry.
    """
    parts = parse_image(name)
    site.report(resource, f"pushing {name}")
    path = f"/images/{quoted(parts.full)}/push"
    failed = f"image {name} cannot be pushed"
    login = site.credentials.login(parts.registry, own)
    digests = [
        event["aux"]["Digest"]
        for event in _moved(site, failed, path, {"tag": parts.tag}, login)
        if "Digest" in (event.get("aux") or {})
    ]
    return digests[-1] if digests else None


def _moved(
    site: DockerSite, failed: str, path: str, query: Mapping[str, str], login: Login | None
) -> Iterator[dict[str, Any]]:
    # Docker insists on the header when pushing, even with nothing in it.
    headers = {"X-Registry-Auth": login.header() if login else "e30="}
    try:
        for event in site.daemon.stream(path, query=query, headers=headers):
            if "error" in event:
                raise ProviderError(f"{failed}: {explain(event['error'])}")
            yield event
    except DaemonRefusedError as error:
        raise ProviderError(f"{failed}: {error}") from error


def repo_digest(name: str, image: Mapping[str, Any]) -> str:
    """Return the digest by which a registry knows a local image, empty if none does."""
    digests: list[str] = image.get("RepoDigests") or []
    if len(digests) > 1:
        wanted = parse_image(name).familiar
        digests = [known for known in digests if known.startswith(f"{wanted}@")] or digests
    return digests[0] if digests else ""
