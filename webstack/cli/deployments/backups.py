"""Backups of a stack's PostgreSQL: made, listed, proven in a container of their own, restored."""

from __future__ import annotations

import io
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

import msgspec

from webstack.cli.backends.composition import StackSession
from webstack.cli.daemon import one_off
from webstack.cli.daemon.containers import plain_errors
from webstack.cli.daemon.data import backup_rows, pgbackrest
from webstack.cli.daemon.data.pgbackrest import COMMAND, DATA, SETTINGS, Backup
from webstack.cli.deployments import data_servers
from webstack.cli.deployments.data_servers import POSTGRES, DataServer
from webstack.cli.state.stack_state import StackState
from webstack.cli.terminal.errors import OpsError
from webstack.contract.container_paths import SHARED_MEMORY, TEMPORARY
from webstack.docker.errors import RefusedError

KEY = "postgres-backup-key"
TOOL = "webstack-backup"
"""The program of the image that makes and proves backups."""
RULE = "BACKUP_RULE"
"""The variable of the keeper that says which backups are kept."""
HOME = DATA.rpartition("/17/")[0]
REPOSITORY = "/var/lib/pgbackrest"
_IDLE = ("sleep", "14400")
_READY = "until pg_isready -q; do sleep 0.2; done"
PROOF = f"{HOME}/proof/data"


@dataclass(frozen=True)
class Backups:
    """The backups of the PostgreSQL of one stack, sealed with ``key``.

    The ``keeper`` makes them where they have a schedule: its rule says which are kept.
    """

    server: DataServer
    key: str
    keeper: DataServer | None = None

    @classmethod
    def of(cls, session: StackSession) -> Backups:
        """Find the server and its key; raises OpsError where the stack has none."""
        server = data_servers.server(session, POSTGRES)
        key = StackState(session.records.export(show_secrets=True)).generated(KEY)
        if not key:
            raise OpsError(f"{session.stack} has no key for backups yet", "run `webstack up`")
        return cls(server, key, data_servers.keeper(server))

    def make(self, kind: str, kept: int | None = None) -> Backup:
        """Make one; the first is always full. Raises OpsError."""
        if self.keeper and kept is not None:
            raise OpsError(
                "webstack:postgres.backups.keep says which backups are kept", "leave --keep out"
            )
        if self.keeper:
            name = self.keeper.read(TOOL, "make", kind, self._rule)
        else:
            self._configure(self.server, max(1, kept or pgbackrest.KEPT))
            name = self.server.read(TOOL, "make", kind)
        return backup_rows.named(self.known(), name.strip())

    def know(self) -> None:
        """Have the server and its keeper know where backups are, before the first is made."""
        if self.keeper:
            self.keeper.read(TOOL, "prepare", self._rule)
        else:
            self._configure(self.server)

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
            self._hand_settings(other)
            rule = self._rule
            asked = [rule] if '"proof"' in rule else []
            said = other.read(TOOL, "prove", backup.name, PROOF, *asked, "--", *self._words())
        proof = msgspec.json.decode(said, type=dict[str, int])
        now = datetime.now(timezone.utc).isoformat(timespec="seconds")
        self._annotate(backup, pgbackrest.TOLD, now)
        self._annotate(backup, pgbackrest.SECONDS, str(proof[pgbackrest.SECONDS]))
        return proof[pgbackrest.TABLES], proof[pgbackrest.ROWS]

    def restore(self, *target: str) -> str:
        """Put a backup in the place of the server's data; gives the folder where that is kept.

        The server is down meanwhile. What fails leaves the data that it had.
        """
        api, name = self.server.api, self.server.container
        aside = f"{DATA}.before-{datetime.now(timezone.utc):%Y%m%dT%H%M%SZ}"
        volume = _mounted(_inspected(api, name), HOME)
        keepers = [self.keeper.container] if self.keeper else []
        with plain_errors():
            for each in [*keepers, name]:
                api.stop(each, timeout=120)
        try:
            with self._beside(volume) as other:
                other.read("sh", "-c", 'rm -rf "$0".before-*', DATA)
                other.read("mv", DATA, aside)
                try:
                    self._restore(other, *target)
                    # It recovers here, where that can fail without a loss, and keeps its log.
                    other.read(TOOL, "start", DATA, "--", *self._words())
                    other.read("pg_ctl", "-D", DATA, "-m", "fast", "-w", "stop")
                except BaseException:
                    other.read("rm", "-rf", DATA)
                    other.read("mv", aside, DATA)
                    raise
        finally:
            with plain_errors():
                for each in [name, *keepers]:
                    api.start(each)
            self.server.read("timeout", "600", "sh", "-c", _READY)
        return aside

    @contextmanager
    def restored(self, *target: str) -> Iterator[DataServer]:
        """Restore into a container of its own, and start a server there that keeps no log of it."""
        with self._beside() as other:
            self._hand_settings(other)
            other.read("mkdir", "-p", PROOF)
            other.read(*COMMAND, "restore", f"--pg1-path={PROOF}", *target)
            other.read(TOOL, "start", PROOF, "--", *self._words(), "-c", "archive_mode=off")
            yield other

    @property
    def _rule(self) -> str:
        """Give the rule of the keeper, by which backups are kept."""
        return self.keeper.read("printenv", RULE).strip() if self.keeper else ""

    def _configure(self, server: DataServer, kept: int = pgbackrest.KEPT) -> None:
        """Hand the key over by the standard input: it is nothing for a command line."""
        server.read(TOOL, "configure", str(kept), stdin=f"{self.key}\n".encode())

    def _annotate(self, backup: Backup, what: str, text: str) -> None:
        # Where it is made, so that both wait for one another.
        (self.keeper or self.server).read(TOOL, "note", backup.name, what, text)

    def _hand_settings(self, other: DataServer) -> None:
        """Give a container on a volume of its own the settings, by the standard input."""
        if not self.keeper:
            self._configure(other)
            return
        text = self.keeper.read("cat", SETTINGS).encode()
        other.read("sh", "-c", 'umask 077 && cat > "$0"', SETTINGS, stdin=text)

    def _restore(self, other: DataServer, *target: str) -> None:
        """Restore on the server's own volume, where the settings are of one with a keeper."""
        if not self.keeper:
            self._configure(other)
        other.read("mkdir", "-p", DATA.rpartition("/")[0])
        other.read(*COMMAND, "restore", *target)

    def _words(self) -> list[str]:
        """Give the settings of the stack's server: what that bears, a restored one bears too."""
        found = _inspected(self.server.api, self.server.container)
        return [str(word) for word in found["Config"]["Cmd"][1:]]

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
            with suppress(RefusedError):
                if container:
                    api.remove_container(container, force=True, v=True)
                if volume is None:
                    api.remove_volume(own)


def counted(server: DataServer) -> tuple[int, int]:
    """Count the tables and the rows of all databases of services."""
    tables, rows = map(int, server.read(TOOL, "count").split())
    return tables, rows


def immediate(backup: Backup) -> tuple[str, ...]:
    """Give the words for the state that a backup has, without what was written after it."""
    return (f"--set={backup.name}", "--type=immediate", "--target-action=promote")


def latest(backup: Backup) -> tuple[str, ...]:
    """Give the words for all that was kept: a backup, and each change since."""
    return (f"--set={backup.name}", "--type=default")


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
            network_mode=one_off.networks(found)[0],
            auto_remove=True,
            read_only=True,
            cap_drop=["ALL"],
            security_opt=["no-new-privileges:true"],
            mem_limit=host["Memory"] or None,
            pids_limit=host.get("PidsLimit") or None,
        ),
    )
    return str(made["Id"])
