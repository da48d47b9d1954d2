"""A running nginx: its links to sockets, its configuration, the connections that it has."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

from infra.containers import Containers
from proxy import paths

_DRAFT = f"{paths.CONFIGURATION}.next"


@dataclass(frozen=True)
class LiveProxy:
    """The nginx of one container; all that it does raises ContainerError."""

    containers: Containers
    name: str

    def links(self) -> dict[str, str]:
        """Each link, and the socket that it leads to."""
        search = ("find", paths.LINKS_DIRECTORY, "-name", "*.sock", "-printf", r"%p %l\n")
        lines = self.containers.read(self.name, *search).splitlines()
        return {link: to for link, _, to in (line.partition(" ") for line in lines) if to}

    def link(self, links: dict[str, str]) -> None:
        """Each link changes by one rename, so that nginx always finds one."""
        if not links:
            return
        script = 'while [ $# -gt 0 ]; do ln -sfn "$2" "$1.next" && mv -T "$1.next" "$1" || exit 1; '
        script += "shift 2; done"
        arguments = [word for pair in sorted(links.items()) for word in pair]
        self.containers.run(self.name, "sh", "-c", script, "link", *arguments)

    def unlink(self, links: Set[str]) -> None:
        """Take links away that no configuration names any more."""
        if links:
            self.containers.run(self.name, "rm", "-f", *sorted(links))

    def configuration(self) -> str:
        """The configuration in force."""
        return self.containers.read(self.name, "cat", paths.CONFIGURATION)

    def static_files(self) -> set[str]:
        """The static files that it has, as ``service/file``."""
        search = ("find", paths.STATIC_DIRECTORY, "-type", "f", "-printf", r"%P\n")
        return set(self.containers.read(self.name, *search).splitlines())

    def check(self, configuration: str) -> None:
        """Lay a configuration beside the one in force, and let nginx judge it."""
        folder, _, file = _DRAFT.rpartition("/")
        self.containers.write_file(self.name, folder, file, configuration)
        self.containers.run(self.name, "nginx", "-q", "-t", "-c", _DRAFT)

    def activate(self) -> None:
        """Put the checked configuration in force, closing no busy client."""
        self.containers.run(self.name, "mv", _DRAFT, paths.CONFIGURATION)
        self.containers.run(self.name, "webstack-reload")

    def connections(self, sockets: Set[str]) -> int:
        """How many connections there are to sockets of these file names, waiting ones included.

        Both ends of a connection over a unix socket are in the network namespace of the end
        that connected.
        """
        if not sockets:
            return 0
        lines = self.containers.read(self.name, "cat", "/proc/net/unix").splitlines()
        return sum(file_name(line) in sockets for line in lines)


def file_name(path: str) -> str:
    """The last part of a path."""
    return path.rpartition("/")[2]
