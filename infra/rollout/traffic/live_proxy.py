"""Works on a running nginx: its links to sockets, its configuration, its connections."""

from __future__ import annotations

from collections.abc import Mapping, Set
from contextlib import suppress
from dataclasses import dataclass

from infra.daemon.failures import ContainerError
from infra.rollout.running_containers import RunningContainers
from proxy import paths

_DRAFT = f"{paths.CONFIGURATION}.next"
_PLANNED = f"{paths.CONFIGURATION}.planned"
_ANNOUNCED = 15
"""Seconds that a reload may be ahead; one that comes later waits for the clients itself."""

# One command of a container takes longer to begin than all of these take together.
_PARTS = "\1"
_LOOK = f"""set -e
find {paths.LINKS_DIRECTORY} -name '*.sock' -printf '%p %l\\n'; printf '\\1'
find {paths.STATIC_DIRECTORY} -type f -printf '%P\\n'; printf '\\1'
[ ! -e {paths.LOADED_CONFIGURATION} ] ||
    cmp -s {paths.LOADED_CONFIGURATION} {paths.CONFIGURATION} || printf another
printf '\\1'; cat {paths.CONFIGURATION}"""
_LINK = """set -e
link() { while [ $# -gt 0 ]; do ln -sfn "$2" "$1.next"; mv -T "$1.next" "$1"; shift 2; done }
link "$@"
"""
_SWITCH = f"""{_LINK}
[ -d {paths.UPSTREAMS_DIRECTORY} ] || exit 0
while [ $# -gt 0 ]; do
    tries=250
    until [ {paths.UPSTREAMS_DIRECTORY}/"${{1##*/}}" -ef "$2" ]; do
        tries=$((tries - 1)); [ $tries -gt 0 ] || {{ echo "another listens at $2"; exit 1; }}
        sleep 0.02
    done
    shift 2
done"""
_JUDGE = f"nginx -q -t -c {_PLANNED}; code=$?; rm -f {_PLANNED}; exit $code"
_ACTIVATE = f"mv {_DRAFT} {paths.CONFIGURATION} && webstack-reload"


@dataclass(frozen=True)
class ProxyStatus:
    """Describes an nginx: its links and the sockets that they lead to, its static files.

    Names of static files are `service/file`. A configuration that a killed run has only put in its
    place is not ``loaded``. An image that cannot tell is trusted to have loaded it.
    """

    links: Mapping[str, str]
    static: Set[str]
    configuration: str
    loaded: bool


@dataclass(frozen=True)
class LiveProxy:
    """Works on the nginx of one container; what fails raises ContainerError."""

    containers: RunningContainers
    name: str

    def status(self) -> ProxyStatus:
        """Give its links, static files and configuration as they are now."""
        links, files, another, configuration = self.containers.read(
            self.name, "sh", "-c", _LOOK
        ).split(_PARTS, 3)
        pairs = (line.partition(" ") for line in links.splitlines())
        return ProxyStatus(
            links={link: to for link, _, to in pairs if to},
            static=set(files.splitlines()),
            configuration=configuration,
            loaded=not another,
        )

    def link(self, links: Mapping[str, str]) -> None:
        """Set links, each by one rename, so that nginx always finds one."""
        if links:
            words = [word for pair in sorted(links.items()) for word in pair]
            self.containers.run(self.name, "sh", "-c", _LINK, "link", *words)

    def switch(self, links: Mapping[str, str]) -> None:
        """Set links as `link` does, and wait until nginx has the sockets that they lead to.

        Raises ContainerError if another container listens there. An image that holds no sockets is
        not waited for.
        """
        if links:
            words = [word for pair in sorted(links.items()) for word in pair]
            self.containers.run(self.name, "sh", "-c", _SWITCH, "switch", *words)

    def unlink(self, links: Set[str]) -> None:
        """Remove links that no configuration names any more."""
        if links:
            self.containers.run(self.name, "rm", "-f", *sorted(links))

    def check(self, configuration: str) -> None:
        """Write a configuration beside the one in force, and let nginx judge it."""
        folder, _, file = _DRAFT.rpartition("/")
        self.containers.write_file(self.name, folder, file, configuration)
        self.containers.run(self.name, "nginx", "-q", "-t", "-c", _DRAFT)

    def judge(self, configuration: str) -> None:
        """Let nginx judge a configuration that is only planned: nothing else sees it."""
        folder, _, file = _PLANNED.rpartition("/")
        self.containers.write_file(self.name, folder, file, configuration)
        self.containers.run(self.name, "sh", "-c", _JUDGE, "judge")

    def announce(self) -> None:
        """Make clients leave idle connections, so that `activate` waits for a shorter time.

        If the image has no such command, `activate` waits for a longer time.
        """
        with suppress(ContainerError):
            self.containers.begin(self.name, "webstack-announce", str(_ANNOUNCED))

    def activate(self) -> None:
        """Put the checked configuration in force, without closing a busy connection.

        One command does it. It goes on in the container even if the run that began it is killed.
        """
        self.containers.run(self.name, "sh", "-c", _ACTIVATE, "activate")

    def connections(self, sockets: Set[str]) -> int:
        """Count the connections to sockets of these file names, waiting ones included.

        Both ends of a connection over a unix socket are in the network namespace of the end that
        connected.
        """
        if not sockets:
            return 0
        lines = self.containers.read(self.name, "cat", "/proc/net/unix").splitlines()
        return sum(file_name(line) in sockets for line in lines)


def file_name(path: str) -> str:
    """Give the last part of a path."""
    return path.rpartition("/")[2]
