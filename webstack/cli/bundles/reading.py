"""Opens a bundle: what it says of itself, and its images, both checked before anything is done."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Final, cast

import msgspec

from webstack.cli.bundles import manifest as manifests
from webstack.cli.bundles.manifest import Manifest
from webstack.cli.bundles.saved_images import Bounded, digests
from webstack.cli.terminal.errors import OpsError
from webstack.contract import bounded_files, plain_text

MANIFEST: Final = "manifest.json"
IMAGES: Final = "images.tar"
_LARGEST: Final = 1 << 20
"""Bytes of a manifest."""


class Bundle(msgspec.Struct, frozen=True):
    """Holds an open bundle: its manifest, and its images as `docker save` wrote them."""

    manifest: Manifest
    images: IO[bytes]


@contextmanager
def opened(path: Path) -> Iterator[Bundle]:
    """Open a bundle; raises OpsError, in one line, for a file that is none or was changed."""
    with ExitStack() as stack:
        try:
            file = stack.enter_context(open(path, "rb", opener=bounded_files.without_waiting))
            whole = cast("IO[bytes]", Bounded(file))
            found = _read(stack.enter_context(tarfile.open(fileobj=whole, mode="r:")))
        except tarfile.TarError as error:
            reason = plain_text.line(str(error))
            raise OpsError(f"{path} is no bundle: {reason}", "webstack bundle makes one") from None
        except OSError as error:
            raise OpsError(f"{path}: {error.strerror or error}", "name a bundle") from None
        except OpsError as error:
            raise OpsError(f"{path}: {error}") from None
        yield found


def _read(archive: tarfile.TarFile) -> Bundle:
    """Read its first two entries; what follows is for tar alone."""
    said = _next(archive, MANIFEST)
    if said is None or not 0 <= said.size <= _LARGEST:
        raise tarfile.ReadError("it does not begin with a manifest")
    content = archive.extractfile(said)
    manifest = manifests.decoded(content.read(said.size) if content else b"")
    entry = _next(archive, IMAGES)
    images = archive.extractfile(entry) if entry else None
    if images is None:
        raise OpsError("it holds no images", "make it again")
    _require(manifest, digests(images))
    images.seek(0)
    return Bundle(manifest, images)


def _next(archive: tarfile.TarFile, name: str) -> tarfile.TarInfo | None:
    entry = archive.next()
    fits = entry is not None and entry.name == name and entry.isreg() and not entry.issparse()
    return entry if fits else None


def _require(manifest: Manifest, found: dict[str, str]) -> None:
    """Raise OpsError unless the images are the very ones that the manifest names."""
    for name in sorted(manifest.digests.keys() | found.keys()):
        if manifest.digests.get(name) != found.get(name):
            raise OpsError(f"its image {name} is not the one that it names", "make it again")
