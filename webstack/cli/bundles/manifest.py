"""What a bundle says of itself: where it comes from, and which images it holds."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

from webstack.cli.terminal.errors import OpsError
from webstack.contract import plain_text

FORMAT: Final = 1
_Text = Annotated[str, msgspec.Meta(max_length=200, pattern=r"\A[ -~]*\Z")]
_Reference = Annotated[
    str, msgspec.Meta(max_length=300, pattern=r"\A[a-z0-9][A-Za-z0-9._/-]*:[A-Za-z0-9_][\w.-]*\Z")
]
_Digest = Annotated[str, msgspec.Meta(pattern=r"\Asha256:[0-9a-f]{64}\Z")]


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """Describes a bundle.

    ``images`` are the references of a release by the names of what runs them, ``digests`` the
    digests of the images' configurations by reference. ``machine`` is the daemon's architecture;
    the wheels are for ``python`` there.
    """

    project: _Text
    stack: _Text
    release: int
    commit: _Text
    clean: bool | None
    debug: bool
    tool: _Text
    machine: _Text
    python: _Text
    images: dict[_Text, _Reference]
    digests: dict[_Reference, _Digest]
    format: int = FORMAT

    @property
    def origin(self) -> str:
        """Say in words which release it is."""
        commit = f", commit {self.commit[:12]}" if self.commit else ""
        return f"release {self.release} of {self.stack}{commit}"


def encoded(manifest: Manifest) -> bytes:
    """Write a manifest as JSON."""
    return msgspec.json.format(msgspec.json.encode(manifest)) + b"\n"


def decoded(content: bytes) -> Manifest:
    """Read a manifest; raises OpsError, in one line, where it is none or of another version."""
    try:
        manifest = msgspec.json.decode(content, type=Manifest)
    except (msgspec.ValidationError, msgspec.DecodeError, RecursionError) as error:
        reason = plain_text.line(str(error))
        raise OpsError(f"its manifest cannot be read: {reason}", "make it again") from None
    if manifest.format != FORMAT:
        raise OpsError(
            f"it is of format {manifest.format}, and this reads format {FORMAT}",
            f"use webstack {manifest.tool}, which made it",
        )
    if unknown := sorted({*manifest.images.values()} - manifest.digests.keys()):
        raise OpsError(f"it names no digest of {unknown[0]}", "make it again")
    return manifest
