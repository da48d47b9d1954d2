"""Packs files that are put into a container before it starts."""

from __future__ import annotations

import base64
import grp
import io
import pwd
import time
from collections.abc import Callable
from pathlib import Path

from webstack.docker import archives
from webstack.engine.model.provider import Properties, ProviderError


def archive(upload: Properties) -> bytes:
    """Return a tar archive with the one file, to be unpacked at ``/``."""
    content = _content(upload)
    entry = archives.header(
        upload["file"].lstrip("/"), len(content), mode=_mode(upload), time=int(time.time())
    )
    entry.uid = _number(upload.get("owner"), lambda name: pwd.getpwnam(name).pw_uid)
    entry.gid = _number(upload.get("group"), lambda name: grp.getgrnam(name).gr_gid)
    buffer = io.BytesIO()
    archives.write(buffer, [(entry, io.BytesIO(content))])
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


def _number(name: str | None, look_up: Callable[[str], int]) -> int:
    """Return the number of a user or group. A name is looked up on this machine."""
    if not name or name.isdigit():
        return int(name or 0)
    try:
        return look_up(name)
    except KeyError:
        raise ProviderError(f"upload: this machine knows no user or group {name}") from None
