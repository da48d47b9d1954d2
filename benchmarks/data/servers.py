"""Runs the servers and clients that are measured, as containers of the images that a stack made."""

from __future__ import annotations

import contextlib
import secrets
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

SOCKETS = "/run/postgresql"
_TRUST = "printf 'local all all trust\\nhost all all all trust\\n' > /tmp/hba"
_PATIENCE = 120


@dataclass(frozen=True)
class Place:
    """Holds the images by name, and the network and the volume that what is measured shares."""

    images: Mapping[str, str]
    name: str = field(default_factory=lambda: f"wsbench-{secrets.token_hex(3)}")

    @contextlib.contextmanager
    def made(self) -> Iterator[Place]:
        """Make the network and the volume, and leave nothing of them afterwards."""
        docker("network", "create", self.name)
        docker("volume", "create", self.name)
        try:
            yield self
        finally:
            listed = docker("ps", "-aq", "--filter", f"label=bench={self.name}").split()
            if listed:
                docker("rm", "-fv", *listed)
            docker("volume", "rm", "-f", self.name)
            docker("network", "rm", self.name)

    @contextlib.contextmanager
    def container(
        self,
        image: str,
        command: Sequence[str],
        ready: Sequence[str],
        *options: str,
    ) -> Iterator[str]:
        """Run a container until the context ends; gives its name once ``ready`` succeeds in it."""
        name = f"{self.name}-{secrets.token_hex(3)}"
        own = ("--label", f"bench={self.name}", "--network", self.name, "--name", name)
        docker("run", "-d", *own, *options, self.images[image], *command)
        try:
            wait(lambda: succeeds(name, *ready))
            yield name
        finally:
            docker("rm", "-fv", name)

    @contextlib.contextmanager
    def postgres(self, memory: int, words: Sequence[str], *options: str) -> Iterator[str]:
        """Run PostgreSQL in so many MiB, with these settings, on a socket and by TCP."""
        more = ("-c", "hba_file=/tmp/hba", "-c", "listen_addresses=*")
        script = f'{_TRUST}; exec webstack-postgres "$@"'
        command = ("sh", "-c", script, "sh", *words, *more)
        limits = (f"--memory={memory}m", f"--memory-swap={memory}m", "--cpus=1")
        memory_of = ("--shm-size=256m", *limits)
        with self.container(
            "postgres", command, ("pg_isready", "-q"), *memory_of, *options
        ) as name:
            yield name


def docker(*words: str, given: str | None = None) -> str:
    """Run the Docker client; gives what it prints, raises CalledProcessError."""
    done = subprocess.run(
        ["docker", *words], input=given, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"docker {' '.join(words[:3])}: {done.stderr.strip()[-400:]}")
    return done.stdout.strip()


def succeeds(name: str, *command: str) -> bool:
    """Tell whether a command succeeds in a container."""
    words = ["docker", "exec", name, *command]
    return subprocess.run(words, capture_output=True, check=False).returncode == 0


def timed(name: str, command: str) -> float:
    """Give the seconds that a line of the shell takes in a container."""
    began = time.monotonic()
    docker("exec", name, "bash", "-o", "pipefail", "-c", command)
    return time.monotonic() - began


def wait(condition: Callable[[], bool]) -> None:
    """Return once a condition holds; raises RuntimeError if it does not in two minutes."""
    until = time.monotonic() + _PATIENCE
    while not condition():
        if time.monotonic() > until:
            raise RuntimeError("a server did not come up")
        time.sleep(0.2)
