"""Puts a sealed copy of a stack's state and settings beside its backups, and finds it again."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from webstack.cli.backends.composition import StackSession
from webstack.cli.daemon.data.bucket import Bucket
from webstack.cli.daemon.data.stack_copy import FILE, StackCopy, opened, sealed
from webstack.cli.deployments import data_servers, file_backups
from webstack.cli.deployments.data_servers import DataServer
from webstack.cli.terminal.errors import OpsError
from webstack.contract import bounded_files, plain_text
from webstack.contract.yaml_settings import as_text
from webstack.engine.project.config import read_settings
from webstack.engine.storage.crypto import Crypter, passphrase_from

_KEYS = ("key", "secret")
_VOLUME = "/var/lib/pgbackrest"
_TAKE = 'umask 077 && cat > "$0.new" && mv "$0.new" "$0"'
_LARGEST = 256 * 2**20


def put_where_wanted(session: StackSession) -> None:
    """Write the copy where backups are made at their time; warns where that cannot be done."""
    if not _backups(session):
        return
    try:
        put(session)
    except OpsError as error:
        print(f"warning: {plain_text.line(str(error))}", file=sys.stderr, flush=True)


def put(session: StackSession) -> None:
    """Write the copy of now beside the backups; raises OpsError where that cannot be done."""
    text = content(session).encode()
    if bucket := bucket_of(session):
        bucket.write(_name(session), text)
        return
    for place, server in _volumes(session):
        server.read("sh", "-c", _TAKE, f"{place}/{FILE}", stdin=text)


def content(session: StackSession) -> str:
    """Give the sealed copy of now."""
    state = session.records.export()
    settings = session.project.settings_file(session.stack)
    text = settings.read_text() if settings.is_file() else ""
    copy = StackCopy(session.project.name, session.stack, state, text)
    return sealed(copy, _crypter(session, state))


def _volumes(session: StackSession) -> Iterator[tuple[str, DataServer]]:
    """Give the folders of the volumes that backups are in, and whose container has each."""
    with suppress(OpsError):
        yield _VOLUME, data_servers.server(session, data_servers.POSTGRES)
    for each in file_backups.all_of(session):
        yield file_backups.HOME, each.keeper


def find(session: StackSession, folder: Path | None) -> StackCopy:
    """Open the copy in a folder, or in the stack's bucket; raises OpsError where there is none."""
    if folder:
        try:
            content = bounded_files.read_any(folder / FILE, _LARGEST)
        except OSError as error:
            raise OpsError(
                f"cannot read {folder / FILE}: {error.strerror}",
                "name the folder that `webstack backup copy` wrote",
            ) from error
    else:
        content = _in_bucket(session)
    copy = opened(content, passphrase_from(session.project.environ))
    if (copy.project, copy.stack) != (session.project.name, session.stack):
        raise OpsError(
            f"the backup is of the stack {copy.stack} of the project {copy.project}",
            f"bring it back there; `webstack restore --into {session.stack}` takes its data only",
        )
    return copy


def bucket_of(session: StackSession) -> Bucket | None:
    """Give the bucket that backups go to, with its keys; None where it is a volume."""
    said = _backups(session).get("s3")
    if not said:
        return None
    try:
        key, secret = (session.records.get(_full(said[each]["setting"])) for each in _KEYS)
        authority = session.project.root / said["ca"] if said.get("ca") else None
        return Bucket(
            str(said["endpoint"]),
            str(said["bucket"]),
            key,
            secret,
            region=str(said.get("region", "us-east-1")),
            style=str(said.get("style", "host")),
            verify=as_text(said.get("verify", True)) == "true",
            authority=authority.read_text() if authority else "",
        )
    except (KeyError, TypeError, OSError) as error:
        raise OpsError(f"webstack:backups.s3 cannot be used: {error}", "see docs/data.md") from None


def _in_bucket(session: StackSession) -> bytes:
    bucket = bucket_of(session)
    if not bucket:
        raise OpsError(
            f"the backups of {session.stack} name no bucket",
            "name the folder that `webstack backup copy` wrote",
        )
    content = bucket.read(_name(session))
    if content is None:
        raise OpsError(f"{bucket.endpoint} has no {_name(session)} in {bucket.bucket}")
    return content


def _name(session: StackSession) -> str:
    return f"{session.project.name}/{session.stack}/{FILE}"


def section(session: StackSession, name: str = "postgres") -> Mapping[str, Any]:
    """Give a section of the settings as it stands in the stack's file."""
    said = read_settings(session.project, session.stack).values.get(f"webstack:{name}")
    return said if isinstance(said, Mapping) else {}


def _backups(session: StackSession) -> Mapping[str, Any]:
    """Give what is said of backups: of all, or of PostgreSQL alone."""
    return section(session, "backups") or section(session).get("backups") or {}


def _full(setting: str) -> str:
    return setting if ":" in setting else f"webstack:{setting}"


def _crypter(session: StackSession, state: str) -> Crypter:
    salt = read_settings(session.project, session.stack).salt
    if not salt:
        provider = json.loads(state)["deployment"].get("secrets_providers") or {}
        salt = (provider.get("state") or {}).get("salt")
    if not salt:
        raise OpsError(f"{session.stack} has no passphrase", "its copy could not be sealed")
    return Crypter(str(salt), passphrase_from(session.project.environ))
