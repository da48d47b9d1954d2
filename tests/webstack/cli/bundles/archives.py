"""Archives as bundles have them, and others, are made here."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Iterable, Mapping
from typing import Any

CONFIGURATION = b'{"architecture": "amd64"}'
DIGEST = f"sha256:{hashlib.sha256(CONFIGURATION).hexdigest()}"
NAME = "shop/web:0123456789ab"


def tar(files: Mapping[str, bytes], others: Iterable[tarfile.TarInfo] = ()) -> bytes:
    """Make an archive of files by name, and of entries without a content."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
        for entry in others:
            archive.addfile(entry)
    return packed.getvalue()


def saved(*others: tarfile.TarInfo, **changed: Any) -> bytes:
    """Make images as `docker save` writes them."""
    said = {"Config": "c.json", "RepoTags": [NAME], "Layers": ["l/layer.tar"], **changed}
    files = {"c.json": CONFIGURATION, "l/layer.tar": b"layer"}
    return tar({**files, "manifest.json": json.dumps([said]).encode()}, others)


def entry(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    """Make an entry of some kind, without a content."""
    made = tarfile.TarInfo(name)
    made.type, made.linkname = kind, link
    return made
