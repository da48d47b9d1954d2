"""Files that are put into a container before it starts."""

from __future__ import annotations

import base64
import io
import tarfile
import time
from pathlib import Path

from ..provider import Properties, ProviderError


def archive(upload: Properties) -> bytes:
    """Give a tar archive, to be unpacked at ``/``, with the one file."""
    content = _content(upload)
    entry = tarfile.TarInfo(upload["file"].lstrip("/"))
    entry.size = len(content)
    entry.mode = _mode(upload)
    entry.mtime = int(time.time())
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        tar.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def _content(upload: Properties) -> bytes:
    if upload.get("contentBase64"):
        return base64.b64decode(upload["contentBase64"])
    if upload.get("source"):
        try:
            return Path(upload["source"]).read_bytes()
        except OSError as error:
            raise ProviderError(
                f"upload {upload['file']}: {upload['source']}: {error.strerror}"
            ) from error
    content: str = upload["content"]
    return content.encode()


def _mode(upload: Properties) -> int:
    if upload.get("permissions"):
        return int(upload["permissions"], 8)
    return 0o744 if upload.get("executable") else 0o644
