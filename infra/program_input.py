"""Reads what the command hands to the program, beside its settings.

`webstack rollback` hands over the record of a release, and what must stay. `webstack promote` hands
over the images of another stack.
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
from webstack.contract.variables import DATA_FIRST, PROMOTING, RETURNING


class Kept(msgspec.Struct, frozen=True):
    """Names what a service has that outlives releases.

    That is its data, its volumes, and its made secrets by name and serial.
    """

    data: bool = False
    secrets: dict[str, int] = {}
    volumes: tuple[str, ...] = ()

    @property
    def all_volumes(self) -> list[str]:
        """Give the names of all its volumes, that of its data among them."""
        return [*(["data"] if self.data else []), *self.volumes]


class ReturningRelease(msgspec.Struct, frozen=True):
    """Holds the release that comes back.

    ``kept`` names by service what the stack has now and must not lose. ``in_force`` is the record
    of the present release, whose servers stay as they are.
    """

    record: str
    kept: dict[str, Kept] = {}
    in_force: str = ""

    @property
    def release(self) -> Record:
        """Open the record; raises SettingsError if this program cannot read it."""
        try:
            return records.unpacked(self.record)
        except (ValueError, zlib.error) as error:
            raise SettingsError(
                f"the release was recorded by another version of this program ({error}); check "
                "that version out to go back to it"
            ) from None

    @property
    def blueprint(self) -> StackSpec:
        """Give what to declare of the release.

        Data does not go back with a release, so the servers that keep it stay those of now, and so
        does what makes backups of it.
        """
        made = self.release.blueprint
        try:
            now = records.unpacked(self.in_force).blueprint if self.in_force else None
        except (ValueError, zlib.error):
            now = None  # written by another version, whose servers this one's take over
        if now is None:
            return made
        servers = {each.name: each for each in (*made.servers, *now.servers)}
        keepers = {each.owner: each for each in (*made.file_keepers, *now.file_keepers)}
        return replace(made, servers=tuple(servers.values()), file_keepers=tuple(keepers.values()))


def returning_release() -> ReturningRelease | None:
    """Read the release that the environment names; None if it names none.

    Raises SettingsError if `webstack rollback` did not write it.
    """
    path = os.environ.get(RETURNING)
    if not path:
        return None
    try:
        return msgspec.json.decode(Path(path).read_bytes(), type=ReturningRelease)
    except (OSError, ValueError):
        raise _not_ours(RETURNING, "webstack rollback") from None


class Promotion(msgspec.Struct, frozen=True):
    """Names the images that another stack runs, by service, and the commit of their sources.

    A ``whole`` one has the images of all servers, too, and comes from a bundle, whose name is
    ``stack``; nothing is built or pulled then.
    """

    stack: str
    images: dict[str, str]
    commit: str = ""
    clean: bool | None = None
    whole: bool = False


def promoted() -> Promotion | None:
    """Read the images of another stack from the environment; None if it holds none.

    Raises SettingsError if `webstack promote` did not write them.
    """
    text = os.environ.get(PROMOTING)
    try:
        return msgspec.json.decode(text, type=Promotion) if text else None
    except ValueError:
        raise _not_ours(PROMOTING, "webstack promote") from None


def data_first() -> bool:
    """Tell whether only what keeps data is declared, for `webstack up` to fill it first."""
    return bool(os.environ.get(DATA_FIRST))


def _not_ours(variable: str, command: str) -> SettingsError:
    return SettingsError(f"{variable} holds what `{command}` did not write; unset it")
