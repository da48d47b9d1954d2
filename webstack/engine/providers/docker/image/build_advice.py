"""Advises on failures of a build that come from the machine it runs on.

It reaches no registry, or its daemon's own BuildKit is older than the Dockerfile.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

_UNREACHED: Final = re.compile(
    r"(?=.*(/v2/|pull access denied|failed to (do request|resolve source metadata)))"
    r".*(dial tcp|no such host|timeout|refused|denied|certificate|EOF|TLS)",
    re.I | re.S,
)
_FRONT_END: Final = re.compile(r"docker/dockerfile\b")
_HERE: Final = re.compile(r"^\s*(RUN|COPY|ADD)\b.*(?<!<)<<-?[\"']?[A-Za-z_]", re.I | re.M)
_NEWER: Final = "needs Docker 23.0 or later, or `# syntax=docker/dockerfile:1` as the first line"


def advice(reason: str, dockerfile: str, images: Sequence[str]) -> str:
    """Return what to do, to be added to the reason of a failure; empty where nothing is known.

    ``images`` are the build arguments that name images that are there already.
    """
    if "requires BuildKit" in reason:
        return "; leave builderVersion out, or set it to BuilderBuildKit"
    if re.search(r"unknown flag: (--)?link\b", reason, re.I):
        return f"; COPY --link {_NEWER}, which comes from a registry"
    if "unknown instruction" in reason.lower() and _HERE.search(dockerfile):
        return f"; a here-document (<<) {_NEWER}, which comes from a registry"
    if _UNREACHED.search(reason):
        return _without_registry(reason, images)
    return ""


def _without_registry(reason: str, images: Sequence[str]) -> str:
    if _FRONT_END.search(reason):
        return "; a `# syntax` line comes from a registry: leave it out where none is reached"
    if not images:
        return "; the base image comes from a registry, and none is reached"
    names = " or ".join(f"`FROM ${{{name}}}`" for name in images)
    return f"; {names}, below `ARG {images[0]}`, starts from an image that is there already"
