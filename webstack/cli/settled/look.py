"""Looks at what a settled stack has on its Docker daemon, and asks whether it answers.

It knows only one verdict: all is as it was and well. Whatever else there is to see is for the
command itself to find out and to tell.
"""

from __future__ import annotations

import hashlib
import json
import re
import socket
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from webstack.cli.daemon.answer_programs import ALL, ON_SOCKETS
from webstack.cli.settled.daemon_calls import DaemonError, Exchange, begin, get, output
from webstack.contract import container_paths as paths

_LONG: Final = re.compile(r"Up (?:About )?(?:an?|\d+) (?:minute|hour|day|week|month|year)")
"""How the daemon tells of one that runs for a minute or longer."""
_LATELY: Final = re.compile(r"Up (?:[4-9]|[1-5]\d) seconds")
_NOT_HEALTHY: Final = ("(health: starting)", "(unhealthy)")
_OTHER_PAGES: Final = 499
"""The last status that shows that nginx reaches a service, whatever page it is."""
_BY_THE_PROXY: Final = f"""
import hashlib, os
def names(folder):
    return sorted(os.path.join(at, name) for at, _, found in os.walk(folder) for name in found)
def content(path):
    try:
        with open(path, "rb") as file: return file.read()
    except OSError: return b""
links = [(path, os.readlink(path)) for path in names({paths.LINKS_DIRECTORY!r})
         if os.path.islink(path)]
configuration = content({paths.CONFIGURATION!r})
loaded = content({paths.LOADED_CONFIGURATION!r}) or configuration
seen = repr((links, names({paths.STATIC_DIRECTORY!r}), configuration, loaded))
print(hashlib.sha256(seen.encode()).hexdigest())
"""

Range = Sequence[int]


class Page(NamedTuple):
    """Names a page of a service, as a browser asks for it through nginx.

    ``container`` publishes the port ``inside`` it. Statuses are accepted by their ``ranges``.
    """

    container: str
    inside: int
    path: str
    host: str
    seconds: float
    ranges: Sequence[Range]


class Asked(NamedTuple):
    """Names what a stack has on the daemon that listens at ``socket``.

    ``sockets`` are asked from the container ``proxy``, each with its words (socket, page, host,
    seconds, scheme) and the statuses that are accepted. Containers are named by their ids; those
    that are ``answering`` are asked, or serve what is asked.
    """

    socket: str
    labels: Sequence[str]
    containers: Sequence[str]
    answering: Sequence[str]
    volumes: Sequence[str]
    networks: Sequence[str]
    images: Sequence[str]
    proxy: str
    sockets: Sequence[tuple[Sequence[str], Sequence[Range]]] = ()
    pages: Sequence[Page] = ()

    @classmethod
    def of(cls, values: Sequence[Any]) -> Asked:
        """Read it as JSON keeps it; raises TypeError where that is something else."""
        *before, pages = values
        return cls._make([*before, tuple(Page(*each) for each in pages)])


def seen(asked: Asked) -> str | None:
    """Give a digest of what the stack has; None where something is not well or does not answer.

    A container is well that runs, was not started again lately, answers or else is not known to be
    unhealthy, and is none that the state does not know.
    """
    try:
        return _seen(asked)
    except (DaemonError, LookupError, TypeError, ValueError, OSError):
        return None


def _seen(asked: Asked) -> str | None:
    program = _BY_THE_PROXY + ON_SOCKETS + ALL
    questions = json.dumps([words for words, _ in asked.sockets])
    # The daemon takes longest for this, so that all else is asked meanwhile.
    command = begin(asked.socket, asked.proxy, ["python3", "-IS", "-c", program, questions])
    try:
        return _digest(asked, command)
    finally:
        command.close()


def _digest(asked: Asked, command: Exchange) -> str | None:
    containers = get(asked.socket, "/containers/json?all=1")
    if not _are_well(asked, containers) or not all(_answers(containers, p) for p in asked.pages):
        return None
    found = [[*_volumes(asked)], [*_networks(asked)], sorted(_images(asked))]
    by_proxy, answers = output(command).decode().splitlines()
    statuses = [int((each or {}).get("status") or 0) for each in json.loads(answers)]
    expected = [ranges for _, ranges in asked.sockets]
    if not all(map(_accepted, statuses, expected)) or len(statuses) != len(expected):
        return None
    return hashlib.sha256(repr([*found, by_proxy]).encode()).hexdigest()


def _are_well(asked: Asked, containers: Sequence[Mapping[str, Any]]) -> bool:
    ours = [each for each in containers if each["Id"] in asked.containers or _has(asked, each)]
    return {each["Id"] for each in ours} == {*asked.containers} and all(
        _is_well(asked, each["Id"], each["State"], each["Status"]) for each in ours
    )


def _is_well(asked: Asked, container: str, state: str, status: str) -> bool:
    """Judge one by what the daemon lists of it.

    One that answers when it is asked need not pass its own health check: on a busy machine the
    daemon's tries come late, one after the other.
    """
    if state != "running" or "Paused" in status:
        return False
    if container not in asked.answering and any(each in status for each in _NOT_HEALTHY):
        return False
    if _LONG.match(status):
        return True
    # One that ends again and again runs for moments, too.
    found = get(asked.socket, f"/containers/{container}/json") if _LATELY.match(status) else {}
    return bool(found) and int(found["RestartCount"]) == 0


def _has(asked: Asked, found: Mapping[str, Any]) -> bool:
    """Tell whether something has the labels of the stack."""
    labels = found.get("Labels") or {}
    return {f"{name}={value}" for name, value in labels.items()} >= {*asked.labels}


def _volumes(asked: Asked) -> Iterator[Any]:
    """Give the stack's volumes, and claims on them, as the daemon describes them."""
    claims = {f"{name}.adopted" for name in asked.volumes}
    kept = ("Name", "CreatedAt", "Driver", "Labels", "Mountpoint", "Options")
    volumes = get(asked.socket, "/volumes")["Volumes"] or ()
    for each in sorted(volumes, key=lambda volume: str(volume["Name"])):
        if _has(asked, each) or each["Name"] in claims or each["Name"] in asked.volumes:
            yield [_sorted(each.get(name)) for name in kept]


def _networks(asked: Asked) -> Iterator[Any]:
    kept = ("Id", "Name", "Created", "Driver", "Internal", "Labels", "Options")
    for each in sorted(get(asked.socket, "/networks"), key=lambda network: str(network["Id"])):
        if _has(asked, each) or each["Id"] in asked.networks:
            yield [_sorted(each.get(name)) for name in kept]


def _images(asked: Asked) -> Iterator[list[str]]:
    filters = quote(json.dumps({"reference": [*asked.images]}))
    for each in get(asked.socket, f"/images/json?filters={filters}") if asked.images else ():
        for name in each["RepoTags"] or ():
            if name in asked.images:
                yield [name, str(each["Id"])]


def _sorted(value: Any) -> Any:
    return sorted(value.items()) if isinstance(value, dict) else value


def _answers(containers: Sequence[Mapping[str, Any]], page: Page) -> bool:
    """Ask for a page as a browser does, at the port that the daemon publishes."""
    ports = {each["Id"]: each["Ports"] for each in containers}[page.container]
    published = [port for port in ports if port["PrivatePort"] == page.inside and "IP" in port]
    if not published:
        return False
    port = published[0]
    address = port["IP"] if port["IP"] not in ("0.0.0.0", "::", "") else "127.0.0.1"  # noqa: S104
    with socket.create_connection((address, port["PublicPort"]), page.seconds) as connection:
        question = f"GET {page.path} HTTP/1.0\r\nHost: {page.host}\r\n\r\n"
        connection.sendall(question.encode())
        with connection.makefile("rb") as answer:
            status = int(answer.readline(200).split()[1])
    return _accepted(status, page.ranges) or 0 < status <= _OTHER_PAGES


def _accepted(status: int, ranges: Sequence[Range]) -> bool:
    return any(low <= status <= high for low, high in ranges)
