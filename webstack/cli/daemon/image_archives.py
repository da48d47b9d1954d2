"""Takes images out of a daemon's store, and puts them in, as `docker save` and `load` do."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from typing import IO, Any

from webstack.cli.daemon.containers import plain_errors
from webstack.cli.daemon.lighter_images import Layers, lighter, stacked
from webstack.cli.terminal.errors import OpsError
from webstack.docker.client import connect
from webstack.docker.daemon_host import find_host
from webstack.docker.errors import NotFoundError

_SECONDS = 900
"""A daemon reads and writes a whole image before it answers; this long on a slow disk."""

Tell = Callable[[str], None]


def patient(environ: Mapping[str, str] = os.environ) -> Any:
    """Connect to the daemon that the environment names, for calls that move images."""
    with plain_errors():
        return connect(find_host({}, environ), _SECONDS)


def machine(api: Any) -> str:
    """Give the architecture of a daemon, such as x86_64."""
    with plain_errors():
        return str(api.info().get("Architecture") or "")


def missing(api: Any, digests: Mapping[str, str]) -> list[str]:
    """Name the images that a daemon lacks, or knows by that name with another content."""
    with plain_errors():
        return [name for name, digest in digests.items() if _id(api, name) != digest]


def absent(api: Any, names: Sequence[str]) -> list[str]:
    """Name the images that a daemon does not know at all."""
    with plain_errors():
        return [name for name in names if _id(api, name) is None]


def tagged(api: Any, image: str, repository: str) -> str:
    """Give an image a name that follows from its content, too; gives that name."""
    with plain_errors():
        digest = str(api.inspect_image(image)["Id"]).removeprefix("sha256:")
        api.tag(image, repository, digest[:12])
    return f"{repository}:{digest[:12]}"


def save(api: Any, names: Sequence[str], target: IO[bytes], tell: Tell) -> None:
    """Write images into a file, each layer once; raises OpsError."""
    with plain_errors():
        size = 0
        for chunk in api.save_images(names):
            size += target.write(chunk)
            tell(f"{size / 1e6:.0f} MB")


def load(api: Any, source: IO[bytes]) -> None:
    """Put the images of a file into a daemon's store; raises OpsError."""
    with plain_errors():
        for event in api.load_image(source):
            if "error" in event:
                raise OpsError(f"the Docker daemon does not take the images: {event['error']}")


def copy(source: Any, target: Any, names: Sequence[str], tell: Tell) -> None:
    """Take images from one daemon to another, without the layers that it has; raises OpsError."""
    with tempfile.TemporaryFile() as whole, tempfile.TemporaryFile() as light:
        save(source, names, whole, tell)
        lighter(whole, _known(target), light)
        tell(f"{light.seek(0, os.SEEK_END) / 1e6:.0f} MB go there")
        light.seek(0)
        try:
            load(target, light)
        except OpsError:
            # Some daemons want every layer, known or not.
            whole.seek(0)
            load(target, whole)


def _known(api: Any) -> set[Layers]:
    """Give the layers that a daemon has, each with those below it."""
    known: set[Layers] = set()
    with plain_errors():
        for image in api.images():
            known |= stacked(api.inspect_image(image["Id"])["RootFS"].get("Layers") or ())
    return known


def _id(api: Any, name: str) -> str | None:
    try:
        return str(api.inspect_image(name)["Id"])
    except NotFoundError:
        return None
