"""Decides by names which images and static files no release needs any more."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

import msgspec

from webstack.cli.state.stack_state import Summary

_BASES = (
    "webstack/debian:",
    "webstack/python:",
    "webstack/python-build:",
    "webstack/python-service:",
    "webstack/python-service-build:",
)


class PruneSelection(msgspec.Struct, frozen=True):
    """Holds what can go: images by reference, static files as ``service/name``."""

    images: tuple[str, ...] = ()
    files: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.images or self.files)

    def within(self, other: PruneSelection) -> PruneSelection:
        """Keep what the other selection has too: what was shown, and is still so."""
        return PruneSelection(
            tuple(name for name in self.images if name in other.images),
            tuple(name for name in self.files if name in other.files),
        )


def is_base(reference: str) -> bool:
    """Tell whether it is one of the images that all projects on the daemon start from."""
    return reference.startswith(_BASES)


def prunable_images(present: Mapping[str, bool], needed: Collection[str]) -> Iterator[str]:
    """Select the images that nothing needs; ``present`` tells of each whether it is used."""
    for reference, used in sorted(present.items()):
        if not used and not is_base(reference) and reference not in needed:
            yield reference


def unknown_containers(present: Mapping[str, str], known: Collection[str]) -> list[str]:
    """List the names of the containers that no state has; ``present`` holds all names by id."""
    return sorted(name for id_, name in present.items() if id_ not in known)


def prunable_files(
    present: Iterable[str], brought: Iterable[Mapping[str, Sequence[str]]]
) -> Iterator[str]:
    """Select the static files that none of the releases brought."""
    needed = {
        f"{service}/{name}"
        for release in brought
        for service, names in release.items()
        for name in names
    }
    yield from sorted(set(present) - needed)


def last(releases: Sequence[Summary], number: int) -> Sequence[Summary]:
    """Return the last releases, the one in force as the last of them."""
    return sorted(releases, key=lambda release: release.number)[-number:]
