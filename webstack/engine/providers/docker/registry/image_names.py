"""Splits image names into their parts."""

from __future__ import annotations

from typing import Final

import msgspec

HUB: Final = "docker.io"


class ImageName(msgspec.Struct, frozen=True):
    """Holds ``registry/repository:tag`` or ``registry/repository@digest``, each part filled in."""

    registry: str
    repository: str
    tag: str

    @property
    def familiar(self) -> str:
        """Return the name without tag or digest, as the Docker CLI shows it."""
        if self.registry != HUB:
            return f"{self.registry}/{self.repository}"
        return self.repository.removeprefix("library/")

    @property
    def full(self) -> str:
        """Return the name without tag or digest, with the registry."""
        return f"{self.registry}/{self.repository}"


def parse_image(name: str) -> ImageName:
    """Split a name. Without a registry it is Docker Hub's, without a tag ``latest``."""
    first, slash, rest = name.partition("/")
    is_registry = bool(slash) and (set(first) & {".", ":"} or first == "localhost")
    registry, path = (first, rest) if is_registry else (HUB, name)
    path, _, digest = path.partition("@")
    path, _, tag = path.partition(":")
    if registry == HUB and "/" not in path:
        path = f"library/{path}"
    return ImageName(registry, path, digest or tag or "latest")


def names_registry(name: str) -> bool:
    """Tell whether a name includes its registry."""
    first, slash, _ = name.partition("/")
    return bool(slash) and (bool(set(first) & {".", ":"}) or first == "localhost")
