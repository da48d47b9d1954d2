"""Settings of the data servers that services may need: PostgreSQL, and Valkey in two uses."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from infra.settings.types import (
    Cpus,
    Extension,
    FromSetting,
    KeptName,
    Line,
    Mebibytes,
    Name,
    ServerAddress,
)

_Memory = Annotated[int, msgspec.Meta(ge=128, le=16 * 2**20)]
_Kept = Annotated[int, msgspec.Meta(ge=0, le=1000)]
_Connections = Annotated[int, msgspec.Meta(ge=10, le=10_000)]
_USUAL_CONNECTIONS = 100
_USUAL_MEMORY = 256
_MOST_UNASKED = 500
PACKAGES = {
    "vector": "postgresql-17-pgvector",
    "postgis": "postgresql-17-postgis-3",
    "hypopg": "postgresql-17-hypopg",
    "pg_partman": "postgresql-17-partman",
    "rum": "postgresql-17-rum",
}
"""Debian's packages of extensions that do not come with the server."""


class Keep(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How many of the last days, weeks and months keep a backup each."""

    daily: _Kept = 7
    weekly: _Kept = 4
    monthly: _Kept = 6


class S3(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A bucket of an S3 server that speaks TLS, and the keys to it.

    By the style ``host`` the bucket is in the host's name, by ``path`` in the path. Without
    ``verify`` any certificate will do.
    """

    endpoint: ServerAddress
    bucket: Line
    key: FromSetting
    secret: FromSetting
    region: Line = "us-east-1"
    style: Literal["host", "path"] = "host"
    verify: bool = True


class Backups(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Backups at their time; ``full`` is the days between two whole ones of PostgreSQL.

    ``proof`` is SQL by service, which answers true in a restored database that is as it should be.
    """

    schedule: Line = "30 2 * * *"
    timezone: Line = "UTC"
    full: Annotated[int, msgspec.Meta(ge=1, le=90)] = 7
    keep: Keep = Keep()
    proof: dict[Name, Line] = {}
    s3: S3 | None = None


class StackBackups(Backups, frozen=True):
    """Backups of all that a stack keeps; ``leave_out`` names services, or volumes of them."""

    leave_out: tuple[KeptName, ...] = ()


class Postgres(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """PostgreSQL, with a database and a role for each service that needs it; memory in MiB.

    ``setting`` names a secret setting that has the URL of a server elsewhere. With it, the stack
    runs no server. ``masks`` say by service what a copy of its database for another stack is not
    to have, in the words of `webstack.contract.masks`. ``lock_timeout`` is in seconds.
    """

    memory: _Memory = _USUAL_MEMORY
    cpus: Cpus = 1.0
    connections: _Connections | None = None
    extensions: tuple[Extension, ...] = ()
    setting: Line | None = None
    backups: Backups | None = None
    masks: dict[Name, dict[Line, Line]] = {}
    lock_timeout: Annotated[int, msgspec.Meta(ge=1, le=600)] = 5

    @property
    def most_connections(self) -> int:
        """Give how many connections may be open at a time.

        That is the number that is set, else as many as its memory usually bears.
        """
        usual = self.memory * _USUAL_CONNECTIONS // _USUAL_MEMORY
        return self.connections or min(usual, _MOST_UNASKED)

    @property
    def packages(self) -> tuple[str, ...]:
        """Give Debian's packages that its extensions need."""
        return tuple(sorted({PACKAGES[name] for name in self.extensions if name in PACKAGES}))


class Valkey(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One Valkey; memory in MiB.

    With ``tcp`` it listens in a network of its own as well, where services that need it are.
    """

    memory: Mebibytes = 64
    cpus: Cpus = 1.0
    tcp: bool = False


class ValkeyBroker(Valkey, frozen=True):
    """The Valkey that keeps all that it is given; a share of memory is for writing that down."""

    memory: Mebibytes = 128
