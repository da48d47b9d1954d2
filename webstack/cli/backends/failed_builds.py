"""Adds to a failed run of the Pulumi CLI what its provider does not say: how a build can succeed.

The provider tells what the daemon said. The embedded engine adds advice to that, which stands here
for the CLI, below what it has printed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from webstack.contract import plain_text
from webstack.docker.client import shared
from webstack.docker.daemon_host import find_host
from webstack.docker.endpoint import EndpointError
from webstack.docker.errors import DaemonError
from webstack.engine.providers.docker.image.build_advice import advice

IMAGE = "docker:index/image:Image"
_LONGEST = 1 << 20
"""Characters of an event's line that are read; that of a failed build is far shorter."""
_SECONDS = 10


def advised(
    events: Path, folder: Path, images_there: Callable[[Collection[str]], Collection[str]]
) -> Iterator[str]:
    """Give a line for each image whose failed build has a known way out.

    ``events`` is the CLI's log of events, one as JSON a line; ``folder`` that of the program.
    ``images_there`` gives, of some images, those that the daemon has.
    """
    builds: dict[str, Mapping[str, Any]] = {}
    for event in _read(events):
        found = (event.get("resourcePreEvent") or {}).get("metadata") or {}
        if found.get("type") == IMAGE:
            inputs = (found.get("new") or {}).get("inputs") or {}
            builds[found["urn"]] = inputs.get("build") or {}
        said = event.get("diagnosticEvent") or {}
        build = builds.get(said.get("urn", ""))
        if build and said.get("severity") == "error":
            yield from _line(said, build, folder, images_there)


def those_there(images: Collection[str]) -> list[str]:
    """Give those of some images that the daemon has; none where it does not answer."""
    found = []
    try:
        api = shared(find_host({}, os.environ), _SECONDS)
        for image in images:
            if api.images(image, quiet=True):
                found.append(image)
    except (DaemonError, EndpointError, OSError):
        return []
    return found


def _line(
    said: Mapping[str, Any],
    build: Mapping[str, Any],
    folder: Path,
    images_there: Callable[[Collection[str]], Collection[str]],
) -> Iterator[str]:
    arguments = {name: str(value) for name, value in (build.get("args") or {}).items()}
    there = images_there(set(arguments.values()))
    names = [name for name, value in arguments.items() if value in there]
    dockerfile = str(build.get("dockerfile") or "Dockerfile")
    if way_out := advice(str(said.get("message")), _text(folder / dockerfile), names):
        name = str(said["urn"]).rpartition("::")[2]
        yield plain_text.line(f"image {name}: {dockerfile}: {way_out.removeprefix('; ')}")


def _read(events: Path) -> Iterator[Mapping[str, Any]]:
    with events.open(errors="replace") as file:
        while line := file.readline(_LONGEST):
            try:
                event = json.loads(line)
            except ValueError:
                continue
            if isinstance(event, dict):
                yield event


def _text(dockerfile: Path) -> str:
    try:
        return dockerfile.read_text(errors="replace")
    except OSError:
        return ""
