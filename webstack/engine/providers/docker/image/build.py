"""Builds an image with one of the daemon's own builders."""

from __future__ import annotations

import base64
import json
import re
from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any, Final

from webstack.contract import plain_text
from webstack.docker.build_context import Sending
from webstack.docker.context_archive import write_archive
from webstack.docker.errors import ContextError
from webstack.engine.model.provider import Properties, ProviderError
from webstack.engine.providers.docker.client.api import DaemonRefusedError, explain
from webstack.engine.providers.docker.image import buildkit
from webstack.engine.providers.docker.image.build_advice import advice
from webstack.engine.providers.docker.image.context_digest import context_digest
from webstack.engine.providers.docker.image.store import local_image, pull
from webstack.engine.providers.docker.registry.image_names import parse_image
from webstack.engine.providers.docker.resource.resource import DockerSite

_LINES: Final = 20
_CHUNK: Final = 1 << 20


def build(site: DockerSite, name: str, inputs: Properties) -> str:
    """Build the image, report its progress line by line, and return its id."""
    settings = inputs["build"]
    content, dockerfile, text = _packed(settings)
    needed = list((settings.get("cacheFrom") or {}).get("images") or [])
    query = build_query(inputs, dockerfile)
    if buildkit.is_wanted(settings, text):
        query["version"] = buildkit.VERSION
        needed += _private_bases(site, text)
    for image in needed:
        _pull_if_possible(site, name, image, settings["platform"])
    headers = {"X-Registry-Config": _logins(site, text)}
    with content:
        events = site.daemon.stream(
            "/build", query=query, content=_chunks(content), headers=headers
        )
        _follow(site, name, inputs, events)
    image = local_image(site, inputs["imageName"])
    if image is None:
        raise ProviderError(f"image {inputs['imageName']} was built and is gone already")
    id_: str = image["Id"]
    return id_


def _packed(settings: Properties) -> tuple[IO[bytes], str, str]:
    """Return the archive, the Dockerfile's name in it, and the Dockerfile's text.

    Raises ProviderError where it is no longer what the inputs were computed from: the image would
    hold other files than its name says.
    """
    context, dockerfile = settings["context"], settings["dockerfile"]
    try:
        text = Path(dockerfile).read_text(errors="replace")
        content, name = write_archive(Sending.of(Path(context), Path(dockerfile)))
    except ContextError as error:
        raise ProviderError(str(error)) from error
    except OSError as error:
        raise ProviderError(f"build context {context}: {error}") from error
    if context_digest(context, dockerfile) != settings.get("contextDigest"):
        content.close()
        raise ProviderError(f"build context {context} changed during the update; run it again")
    return content, name, text


def build_query(inputs: Properties, dockerfile: str) -> dict[str, Any]:
    """Return the query of ``POST /build``."""
    settings = inputs["build"]
    images = (settings.get("cacheFrom") or {}).get("images")
    query = {
        "t": inputs["imageName"],
        "dockerfile": dockerfile,
        "rm": "1",
        "forcerm": "1",
        "buildargs": json.dumps(settings["args"]) if settings.get("args") else None,
        "cachefrom": json.dumps(images) if images else None,
        "extrahosts": settings.get("addHosts"),
        "networkmode": settings.get("network"),
        "platform": settings["platform"],
        "target": settings.get("target"),
    }
    return {key: value for key, value in query.items() if value}


def _chunks(content: IO[bytes]) -> Iterator[bytes]:
    while chunk := content.read(_CHUNK):
        yield chunk


def _follow(
    site: DockerSite, name: str, inputs: Properties, events: Iterable[dict[str, Any]]
) -> None:
    """Report each line; raises ProviderError with the last ones when the build fails."""
    last: deque[str] = deque(maxlen=_LINES)
    trace = buildkit.BuildTrace()
    try:
        for event in events:
            for line in (*_lines(event), *trace.lines(event)):
                last.append(line)
                site.report(name, line)
            if "error" in event:
                raise ProviderError(_failure(site, inputs, event["error"], last))
    except DaemonRefusedError as error:
        raise ProviderError(_failure(site, inputs, error.reason, last)) from error


def _lines(event: dict[str, Any]) -> list[str]:
    text = event.get("stream") or ("" if "progress" in event else event.get("status", ""))
    return [line.rstrip() for line in plain_text.lines(str(text)) if line.strip()]


def _failure(site: DockerSite, inputs: Properties, reason: str, last: Iterable[str]) -> str:
    settings = inputs["build"]
    excerpt = "".join(f"\n    {line}" for line in last)
    way_out = advice(reason, _text(settings["dockerfile"]), _images_there(site, settings))
    told = f"{explain(reason, excerpt)}{way_out}"
    return f"image {inputs['imageName']}: {settings['dockerfile']}: {told}{excerpt}"


def _images_there(site: DockerSite, settings: Properties) -> list[str]:
    """Return the build arguments that name local images, from which a build can start."""
    arguments = settings.get("args") or {}
    return [name for name, value in arguments.items() if value and local_image(site, value)]


def _text(dockerfile: str) -> str:
    try:
        return Path(dockerfile).read_text(errors="replace")
    except OSError:
        return ""


def _pull_if_possible(site: DockerSite, name: str, image: str, platform: str) -> None:
    try:
        pull(site, name, image, platform)
    except ProviderError as error:
        site.report(name, str(error))


def _private_bases(site: DockerSite, dockerfile: str) -> list[str]:
    """Return the base images that BuildKit cannot pull, since it receives no logins."""
    bases = [name for name in _BASE.findall(dockerfile) if local_image(site, name) is None]
    return [name for name in bases if site.credentials.login(parse_image(name).registry)]


def _logins(site: DockerSite, dockerfile: str) -> str:
    """Return the header with the logins for the registries of the base images."""
    bases = {parse_image(name).registry for name in _BASE.findall(dockerfile)}
    logins = site.credentials.all(sorted(bases | site.credentials.given.keys()))
    content = {login.server: login.fields() for login in logins}
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode()


_BASE: Final = re.compile(r"^\s*FROM\s+(?:--platform=\S+\s+)?([^\s$]+/[^\s$]+)", re.I | re.M)
