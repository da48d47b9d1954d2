"""Records of releases: each holds all that is needed to bring its release back.

The release resource keeps the last ones in its outputs, so they are wherever the state is.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from infra.model.stack_spec import StackSpec

Values = Mapping[str, Mapping[str, str]]
"""Values of secret variables, by service and variable."""


class Origin(msgspec.Struct, frozen=True):
    """The origin of a release: a commit, or an earlier release that came back.

    ``first`` is the number of the release that was made anew, however often it came back.
    """

    commit: str = ""
    clean: bool | None = None
    rollback_of: int | None = None
    first: int | None = None


class Record(msgspec.Struct, frozen=True):
    """One release; only ``secrets`` has values that nobody may see.

    ``image_ids`` are the images that really ran, since a tag can be given to another one.
    """

    number: int
    time: str
    origin: Origin
    blueprint: StackSpec
    static: Mapping[str, tuple[str, ...]]
    secrets: Values
    image_ids: Mapping[str, str] = {}

    @property
    def summary(self) -> dict[str, Any]:
        """Give the part of the record that stays readable in the state."""
        return {
            "number": self.number,
            "time": self.time,
            "commit": self.origin.commit,
            "clean": self.origin.clean,
            "rollback_of": self.origin.rollback_of,
            "first": self.origin.first,
            "images": {**self.blueprint.images, "python": self.blueprint.base.python},
            "image_ids": dict(self.image_ids),
        }


def packed(value: Any) -> str:
    """Pack a record, or a part of one, into a line of text: most of it is configuration."""
    return base64.b64encode(zlib.compress(msgspec.json.encode(value))).decode()


def unpacked(text: str) -> Record:
    """Open a packed record; raises msgspec.ValidationError where another program wrote it."""
    return msgspec.json.decode(zlib.decompress(base64.b64decode(text)), type=Record)


def unpacked_spec(text: str) -> StackSpec:
    """Open a packed specification.

    Raises msgspec.ValidationError where another program wrote it.
    """
    return msgspec.json.decode(zlib.decompress(base64.b64decode(text)), type=StackSpec)


def newest(records: Iterable[Record], number: int) -> list[Record]:
    """Give the ``number`` newest records, oldest first."""
    return sorted(records, key=lambda record: record.number)[-number:]


def in_force(before: Record | None, unchanged: Iterable[str], values: Values) -> Values:
    """Give the secret values that containers have.

    Containers that go on running have the values that they were started with.
    """
    known = before.secrets if before else {}
    stay = set(unchanged)
    return {
        service: known.get(service, own) if service in stay else own
        for service, own in values.items()
    }


def static_files(
    known: Iterable[Record], unchanged: Iterable[str], returning: int | None
) -> dict[str, tuple[str, ...]]:
    """Give the static files that services brought before, by the names that nginx keeps them under.

    Those are the files of services that run on, and of a release that comes back.
    """
    releases = list(known)
    stay = set(unchanged)
    back = next((record.static for record in releases if record.number == returning), {})
    now = releases[-1].static if releases else {}
    running = {name: files for name, files in now.items() if name.partition(".")[0] in stay}
    return {**back, **running}
