"""Finds tags of a release that no longer name the images that ran: pure but for one question."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from webstack.cli.state.stack_state import StackState, Summary

Ids = Callable[[str], str | None]
"""Gives the id of the image that has a name or an id, None where there is none."""


class Tag(msgspec.Struct, frozen=True):
    """Holds a tag of a release, the image that ran under it, and the one that it names now.

    ``kept`` says whether the one that ran is still there.
    """

    name: str
    reference: str
    ran: str
    now: str | None
    kept: bool

    @property
    def problem(self) -> str:
        """Say what is wrong with it."""
        if self.now is None:
            return f"its image {self.reference} is gone"
        return f"its image {self.reference} is another by now, as someone has overwritten the tag"

    @property
    def way_out(self) -> str:
        """Say what gives it back, if anything does."""
        if self.kept:
            return f"`docker tag {self.ran} {self.reference}` gives it back"
        return f"{self.ran} is gone, and only `webstack up` from its commit makes it again"


def changed_tags(state: StackState, release: Summary, ids: Ids) -> Iterator[Tag]:
    """Find the tags of a release that name nothing, or what never ran or was built under them.

    Of a release that was recorded without ids only what is gone can be told.
    """
    for name, reference in sorted(release.images.items()):
        now, known = ids(reference), state.ids(reference)
        if now is None or (known and now not in known):
            ran = release.image_ids.get(name, "")
            yield Tag(name, reference, ran, now, kept=bool(ran) and ids(ran) is not None)
