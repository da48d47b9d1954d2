"""Backups of a stack's PostgreSQL: made, listed, proven in a container of their own, restored."""

from __future__ import annotations

import io
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from docker.errors import APIError

from webstack.cli.backends.composition import StackSession
from webstack.cli.daemon import pgbackrest
from webstack.cli.daemon.containers import plain_errors
from webstack.cli.daemon.pgbackrest import COMMAND, DATA, SETTINGS, Backup
from webstack.cli.deployments import data_servers
from webstack.cli.deployments.data_servers import POSTGRES, DataServer
from webstack.cli.state.stack_state import StackState
from webstack.cli.terminal.errors import OpsError
from webstack.contract.container_paths import SHARED_MEMORY, TEMPORARY

KEY = "postgres-backup-key"
IDENTITIES = "/var/lib/postgresql/identities.conf"
HOME = DATA.rpartition("/17/")[0]
REPOSITORY = "/var/lib/pgbackrest"
_WRITE = 'umask 077 && cat > "$0.new" && mv "$0.new" "$0"'
_IDLE = ("sleep", "14400")
_READY = "until pg_isready -q; do sleep 0.2; done"
_START = r"""
log=/tmp/server.log data=$1 identities=$2
shift 2
[ -e "$identities" ] || echo 'services postgres all' > "$identities"
postgres -D "$data" -c hba_file=/etc/webstack/pg_hba.conf -c ident_file="$identities" "$@" \
    > "$log" 2>&1 < /dev/null &
server=$! tries=0
until [ "$(psql -XqAtc 'SELECT pg_is_in_recovery()' 2>/dev/null)" = f ]; do
    kill -0 "$server" 2>/dev/null || { tail -5 "$log" >&2; exit 1; }
    [ $((tries += 1)) -lt 3000 ] || { echo 'it is still recovering after 600 s' >&2; exit 1; }
    sleep 0.2
done
"""
"""Starts a server on restored data, and ends once that takes writes."""


@dataclass(frozen=True)
class Backups:
    """The backups of the PostgreSQL of one stack, sealed with ``key``."""

    server: DataServer
    key: str

    @classmethod
    def of(cls, session: StackSession) -> Backups:
        """Find the server and its key; raises OpsError where the stack has none."""
        server = data_servers.server(session, POSTGRES)
        key = StackState(session.records.export(show_secrets=True)).generated(KEY)
        if not key:
            raise OpsError(f"{session.stack} has no key for backups yet", "run `webstack up`")
        return cls(server, key)

    def make(self, kind: str, kept: int) -> Backup:
        """Make one; the first is always full. Raises OpsError."""
        self._configure(self.server, kept)
        self.server.read(*COMMAND, "stanza-create")
        before = counted(self.server)
        self.server.read(*COMMAND, "backup", f"--type={kind}")
        made = self.known()[-1]
        notes = zip((pgbackrest.TABLES, pgbackrest.ROWS), before, counted(self.server), strict=True)
        for what, first, second in notes:
            self._annotate(made, what, f"{first}-{second}")
        return pgbackrest.chosen(self.known(), made.name)

    def known(self) -> list[Backup]:
        """List them, oldest first; none before the first was made."""
        if self.server.stream(("test", "-e", SETTINGS), None, io.BytesIO()):
            return []
        return pgbackrest.backups(self.server.read(*COMMAND, "info", "--output=json"))

    def verify(self, backup: Backup) -> tuple[int, int]:
        """Restore one beside the server, start it and read all of it; gives tables and rows.

        Raises OpsError for whatever keeps that from being done: then it is not proven.
        """
        with self._beside() as other:
            self._restore(other, *immediate(backup))
            self._start(other, "-c", "archive_mode=off")
            tables, rows = counted(other)
        if said := pgbackrest.difference(backup, tables, rows):
            raise OpsError(f"the backup {backup.name} is not what it should be: {said}")
        now = datetime.now(timezone.utc).isoformat(timespec="seconds")
        self._annotate(backup, pgbackrest.TOLD, now)
        return tables, rows

    def restore(self, *target: str) -> str:
        """Put a backup in the place of the server's data; gives the folder where that is kept.

        The server is down meanwhile. What fails leaves the data that it had.
        """
        api, name = self.server.api, self.server.container
        aside = f"{DATA}.before-{datetime.now(timezone.utc):%Y%m%dT%H%M%SZ}"
        volume = _mounted(_inspected(api, name), HOME)
        with plain_errors():
            api.stop(name, timeout=120)
        try:
            with self._beside(volume) as other:
                other.read("sh", "-c", 'rm -rf "$0".before-*', DATA)
                other.read("mv", DATA, aside)
                try:
                    self._restore(other, *target)
                    # It recovers here, where that can fail without a loss, and keeps its log.
                    self._start(other)
                    other.read("pg_ctl", "-D", DATA, "-m", "fast", "-w", "stop")
                except BaseException:
                    other.read("rm", "-rf", DATA)
                    other.read("mv", aside, DATA)
                    raise
        finally:
            with plain_errors():
                api.start(name)
            self.server.read("timeout", "600", "sh", "-c", _READY)
        return aside

    def _configure(self, server: DataServer, kept: int = pgbackrest.KEPT) -> None:
        """Write the settings by the standard input: a key is nothing for a command line."""
        text = pgbackrest.settings(self.key, kept).encode()
        server.read("sh", "-c", _WRITE, SETTINGS, stdin=text)

    def _annotate(self, backup: Backup, what: str, text: str) -> None:
        self.server.read(
            *COMMAND, "annotate", f"--set={backup.name}", f"--annotation={what}={text}"
        )

    def _restore(self, other: DataServer, *target: str) -> None:
        self._configure(other)
        other.read("mkdir", "-p", DATA.rpartition("/")[0])
        other.read(*COMMAND, "restore", *target)

    def _start(self, other: DataServer, *more: str) -> None:
        """Start a server in it as the one of the stack is; what that bears, it bears too."""
        said = _inspected(self.server.api, self.server.container)["Config"]["Cmd"][1:]
        other.read("sh", "-c", _START, "sh", DATA, IDENTITIES, *said, *more)

    @contextmanager
    def _beside(self, volume: str | None = None) -> Iterator[DataServer]:
        """Start a container like the server's that does nothing, on its own or a given volume.

        On one of its own it may only read the backups.
        """
        api = self.server.api
        name = f"{self.server.container}-proof-{secrets.token_hex(4)}"
        own = volume or name
        container = ""
        try:
            with plain_errors():
                found = _inspected(api, self.server.container)
                container = _idle(api, found, name, own, writes=volume is not None)
                api.start(container)
            yield DataServer(api, self.server.stack, container)
        finally:
            with suppress(APIError):
                if container:
                    api.remove_container(container, force=True, v=True)
                if volume is None:
                    api.remove_volume(own)


def counted(server: DataServer) -> tuple[int, int]:
    """Count the tables and the rows of all databases of services."""
    tables = rows = 0
    for database in data_servers.databases(server):
        said = server.read("psql", "-XqAt", "-F", " ", "-d", database, "-c", pgbackrest.COUNT)
        in_rows, in_tables = map(int, said.split())
        tables, rows = tables + in_tables, rows + in_rows
    return tables, rows


def immediate(backup: Backup) -> tuple[str, ...]:
    """Give the words for the state that a backup has, without what was written after it."""
    return (f"--set={backup.name}", "--type=immediate", "--target-action=promote")


def at(moment: datetime) -> tuple[str, ...]:
    """Give the words for the state of a moment."""
    return ("--type=time", f"--target={moment:%Y-%m-%d %H:%M:%S.%f%z}", "--target-action=promote")


def _inspected(api: Any, name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = api.inspect_container(name)
    return found


def _mounted(found: Mapping[str, Any], folder: str) -> str:
    return str(next(each["Name"] for each in found["Mounts"] if each["Destination"] == folder))


def _idle(api: Any, found: Mapping[str, Any], name: str, volume: str, *, writes: bool) -> str:
    """Make a container of the same image, user and limits as another's, and as hardened.

    One that a killed run has left goes by itself.
    """
    host, user = found["HostConfig"], found["Config"]["User"]
    number = user.partition(":")[0]
    memory = f"rw,nosuid,nodev,noexec,uid={number},gid={number},mode=0755"
    repository = f"{_mounted(found, REPOSITORY)}:{REPOSITORY}:{'rw' if writes else 'ro'}"
    made = api.create_container(
        found["Config"]["Image"],
        list(_IDLE),
        name=name,
        user=user,
        labels={"webstack.throwaway": "true"},
        stop_signal="SIGKILL",
        host_config=api.create_host_config(
            binds=[f"{volume}:{HOME}", repository],
            tmpfs=dict.fromkeys((TEMPORARY, "/run/postgresql", SHARED_MEMORY), memory),
            network_mode="none",
            auto_remove=True,
            read_only=True,
            cap_drop=["ALL"],
            security_opt=["no-new-privileges:true"],
            mem_limit=host["Memory"] or None,
            pids_limit=host.get("PidsLimit") or None,
        ),
    )
    return str(made["Id"])
