"""Defines what a review consists of, as values."""

from __future__ import annotations

from enum import Enum

import msgspec


class Outcome(Enum):
    """Names what happens to a part of the stack."""

    ROLLS = "rolls"
    STARTS = "starts"
    ENDS = "ends"
    HANDS_OVER = "hands over"
    RELOADS = "reloads"
    MOVES = "moves"
    RESTARTS = "restarts"
    LOSES_DATA = "loses data"


class Prediction(msgspec.Struct, frozen=True):
    """Says what one part of the stack will see, in ``words``; where it stops, for how long.

    ``noun`` is what parts of its kind are counted as.
    """

    subject: str
    outcome: Outcome
    words: str
    seconds: int = 0
    noun: str = "service"


class Difference(msgspec.Struct, frozen=True):
    """Holds a property before and after, as text; None where it is not there."""

    path: str
    before: str | None
    after: str | None


class Change(msgspec.Struct, frozen=True):
    """Holds one resource that changes: Pulumi's operation, and why."""

    op: str
    kind: str
    name: str
    reason: str
    differences: tuple[Difference, ...] = ()


class SettingChanges(msgspec.Struct, frozen=True):
    """Settings of a service, or of the proxy, that are not what they were."""

    subject: str
    differences: tuple[Difference, ...]


class Files(msgspec.Struct, frozen=True):
    """Files that came, went, or have other content."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """Count them."""
        return len(self.added) + len(self.removed) + len(self.changed)


class PackageChange(msgspec.Struct, frozen=True, array_like=True):
    """Holds a package that two images have in other versions, or one of them not at all."""

    kind: str
    name: str
    before: str
    after: str


class ImageChange(msgspec.Struct, frozen=True):
    """Holds an image's two tags, with the files in which they differ; sizes in bytes."""

    name: str
    before: str | None
    after: str | None
    files: Files = Files()
    static: Files = Files()
    sizes: tuple[int, int] | None = None
    packages: tuple[PackageChange, ...] = ()

    @property
    def count(self) -> int:
        """Count the files that differ."""
        return self.files.count + self.static.count


class Migration(msgspec.Struct, frozen=True):
    """Holds a migration that comes with a release: of which service, and what is judged of it.

    ``judgement`` is empty where the code of before can live with it.
    """

    service: str
    path: str
    judgement: str

    @property
    def refuses(self) -> bool:
        """Tell whether the code of before cannot run once it has."""
        return self.judgement.startswith("cannot: ")

    @property
    def words(self) -> str:
        """Say what that means for a rollback."""
        verdict, _, what = self.judgement.partition(": ")
        if not verdict:
            return "old code can live with it"
        if self.refuses:
            return f"old code cannot run on it: {what}"
        return f"nobody can tell whether old code can live with it: {what}"


class Review(msgspec.Struct, frozen=True):
    """Holds all that a reviewer is told about one preview of one stack."""

    project: str
    stack: str
    headline: str
    predictions: tuple[Prediction, ...] = ()
    changes: tuple[Change, ...] = ()
    images: tuple[ImageChange, ...] = ()
    settings: tuple[SettingChanges, ...] = ()
    configuration: tuple[str, ...] = ()
    """nginx.conf before and after, as the lines of a unified diff."""
    errors: tuple[str, ...] = ()
    lost: tuple[str, ...] = msgspec.field(default=())
    """URNs of the data volumes that would be deleted."""
    migrations: tuple[Migration, ...] = ()
