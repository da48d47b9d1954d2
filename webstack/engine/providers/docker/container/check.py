"""Checks a container's properties against each other."""

from __future__ import annotations

from collections.abc import Iterator

from webstack.engine.model.provider import Properties, ProviderError
from webstack.engine.model.values import holds_unknown


def check_container(name: str, checked: Properties) -> None:
    """Refuse combinations that Docker would refuse, before any call; raises ProviderError."""
    problems = [
        *_volumes(checked.get("volumes")),
        *_uploads(checked.get("uploads")),
        *_devices(checked),
    ]
    if problems:
        raise ProviderError(f'docker container "{name}": {"; ".join(problems)}')


def _volumes(volumes: object) -> Iterator[str]:
    for index, volume in enumerate(volumes if isinstance(volumes, list) else ()):
        if holds_unknown(volume):
            continue
        if bool(volume.get("containerPath")) == bool(volume.get("fromContainer")):
            yield f"volumes[{index}] needs either containerPath or fromContainer"


def _uploads(uploads: object) -> Iterator[str]:
    for index, upload in enumerate(uploads if isinstance(uploads, list) else ()):
        if holds_unknown(upload):
            continue
        contents = [key for key in ("content", "contentBase64", "source") if upload.get(key)]
        if len(contents) != 1:
            yield f"uploads[{index}] needs one of content, contentBase64 and source"


def _devices(checked: Properties) -> Iterator[str]:
    if checked.get("gpus") and checked.get("deviceRequests"):
        yield "gpus and deviceRequests exclude each other"
