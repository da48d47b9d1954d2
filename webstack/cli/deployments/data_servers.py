"""The data servers of a stack: found by their role, and talked to by commands in them."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, Any

from webstack.cli.backends.composition import StackSession
from webstack.cli.deployments import stack_daemon
from webstack.cli.terminal.errors import OpsError
from webstack.contract import plain_text
from webstack.contract.role_names import CRON, full_name

POSTGRES, VALKEY = "postgres", "valkey"
_SERVICES = (
    "SELECT datname FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres' ORDER BY 1"
)


@dataclass(frozen=True)
class DataServer:
    """One data server of a stack that runs; commands in it run as its own user."""

    api: Any
    stack: str
    container: str

    def read(self, *command: str, stdin: bytes | None = None) -> str:
        """Give what a command prints; raises OpsError with its last words unless it ends well."""
        out, err = io.BytesIO(), io.BytesIO()
        given = None if stdin is None else io.BytesIO(stdin)
        code = self.stream(command, given, out, err)
        if code:
            said = plain_text.lines((err.getvalue() or out.getvalue()).decode(errors="replace"))
            words = " ".join(line.strip() for line in said if line.strip())[-300:]
            raise OpsError(f"{command[0]} failed in {self.container}: {words or code}")
        return out.getvalue().decode(errors="replace")

    def stream(
        self,
        command: Sequence[str],
        stdin: IO[bytes] | None,
        stdout: IO[bytes],
        stderr: IO[bytes] | None = None,
    ) -> int:
        """Run a command with these streams; gives its exit code."""
        from webstack.cli.daemon import streams

        return streams.run(
            self.api, self.container, command, stdin=stdin, stdout=stdout, stderr=stderr
        )

    def console(self, command: Sequence[str]) -> int:
        """Let the user talk to a command: by a terminal, or by whatever the input is."""
        from webstack.cli.daemon import streams

        if sys.stdin.isatty() and sys.stdout.isatty():
            return streams.converse(self.api, self.container, command)
        return self.stream(command, sys.stdin.buffer, sys.stdout.buffer)


def server(session: StackSession, role: str) -> DataServer:
    """Find a data server of the stack; raises OpsError where it runs none."""
    docker = stack_daemon.on_docker(session)
    labels = [*docker.labels, f"webstack.role={role}"]
    running = docker.api.containers(filters={"label": labels})
    if not running:
        raise OpsError(
            f"{session.stack} runs no {role}", f"a service that has needs: [{role}] gets one"
        )
    return DataServer(docker.api, session.stack, str(running[0]["Names"][0].lstrip("/")))


def keeper(postgres: DataServer) -> DataServer | None:
    """Find the container that makes backups of a server at their time; None where none does."""
    name = full_name(postgres.container, CRON)
    running = postgres.api.containers(filters={"name": f"^/{name}$"})
    return DataServer(postgres.api, postgres.stack, name) if running else None


def databases(postgres: DataServer) -> list[str]:
    """List the databases of services."""
    return postgres.read("psql", "-XqAtc", _SERVICES).splitlines()


def chosen(postgres: DataServer, wanted: str | None) -> str:
    """Choose a database of a service: the one that is named, else the only one there is."""
    known = databases(postgres)
    if wanted is None and len(known) == 1:
        return known[0]
    if wanted is None or wanted not in known:
        there = ", ".join(known) or "none"
        what = "name a database" if wanted is None else f"there is no database {wanted}"
        raise OpsError(f"{postgres.stack}: {what}", f"there are: {there}")
    return wanted
