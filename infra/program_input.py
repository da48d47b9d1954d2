"""What the command hands to the program, beside its settings.

`webstack rollback`: the record of a release, and what must stay. `webstack promote`: the images of
another stack.
"""

from __future__ import annotations

import os
import zlib
from dataclasses import replace
from pathlib import Path

import msgspec

from infra.model import records
from infra.model.records import Record
from infra.model.stack_spec import StackSpec
from infra.settings.sections import SettingsError
from webstack.contract.variables import PROMOTING, RETURNING


class Kept(msgspec.Struct, frozen=True):
    """What a service has that outlives releases: data, volumes, made secrets by name and serial."""

    data: bool = False
    secrets: dict[str, int] = {}
    volumes: tuple[str, ...] = ()

    @property
    def all_volumes(self) -> list[str]:
        """The names of all its volumes, that of its data among them."""
        return [*(["data"] if self.data else []), *self.volumes]


class ReturningRelease(msgspec.Struct, frozen=True):
    """The release that comes back, and by service what the stack has now and must not lose.

    ``in_force`` is the record of the release of now, whose servers stay as they are.
    """

    record: str
    kept: dict[str, Kept] = {}
    in_force: str = ""

    @property
    def release(self) -> Record:
        """The record, opened; raises SettingsError where this program cannot read it."""
        try:
            return records.unpacked(self.record)
        except (ValueError, zlib.error) as error:
            raise SettingsError(
                f"the release was recorded by another version of this program ({error}); check "
                "that version out to go back to it"
            ) from None

    @property
    def blueprint(self) -> StackSpec:
        """What to declare of it: data does not go back with a release, so its servers do not."""
        made = self.release.blueprint
        try:
            now = records.unpacked(self.in_force).blueprint.servers if self.in_force else ()
        except (ValueError, zlib.error):
            now = ()  # written by another version, whose servers this one's take over
        servers = {each.name: each for each in (*made.servers, *now)}
        return replace(made, servers=tuple(servers.values()))


def returning_release() -> ReturningRelease | None:
    """What the environment names, if this run brings a release back; raises SettingsError."""
    path = os.environ.get(RETURNING)
    if not path:
        return None
    try:
        return msgspec.json.decode(Path(path).read_bytes(), type=ReturningRelease)
    except (OSError, ValueError):
        raise _not_ours(RETURNING, "webstack rollback") from None


class Promotion(msgspec.Struct, frozen=True):
    """The images that another stack runs, by service, and the commit that they are of."""

    stack: str
    images: dict[str, str]
    commit: str = ""
    clean: bool | None = None


def promoted() -> Promotion | None:
    """The images of another stack, if the environment holds them; raises SettingsError."""
    text = os.environ.get(PROMOTING)
    try:
        return msgspec.json.decode(text, type=Promotion) if text else None
    except ValueError:
        raise _not_ours(PROMOTING, "webstack promote") from None


def _not_ours(variable: str, command: str) -> SettingsError:
    return SettingsError(f"{variable} holds what `{command}` did not write; unset it")
