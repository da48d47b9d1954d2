"""What a Dockerfile of the application's own says of how it is run."""

from __future__ import annotations

import json
import re
from collections.abc import Container, Iterator
from dataclasses import dataclass

from webstack.cli.applications.commands import served
from webstack.cli.applications.findings import Found, Unsolved
from webstack.cli.applications.tree import SourceTree

_BIND = re.compile(r"(?:--bind|-b|--host\S*|0\.0\.0\.0|\[::\])[= ]?\S*?:(\d{2,5})\b")
_PORT = re.compile(r"(?:--port|-p|--http-port|-E PORT)[= ](\d{2,5})\b")
_OWN_MACHINE = re.compile(r"(?:127\.0\.0\.1|localhost):\d{2,5}")
_GIVEN = {"PYTHON", "PYTHON_BUILD", "UID", "DEBUG", "TARGETARCH", "TARGETPLATFORM", "BUILDPLATFORM"}
_LONGEST = 2000
"""Characters of an instruction that are looked at."""
_BACKGROUND = re.compile(r"(--daemon\b|-D\b|nohup|&\s*$|service \w+ start|supervisord|systemctl)")


@dataclass(frozen=True)
class Dockerfile:
    """The last stage of a Dockerfile: how it starts, its ports, and where."""

    path: str
    command: str
    command_in_shell: bool
    entrypoint: str
    entrypoint_in_shell: bool
    ports: tuple[int, ...]
    folder: str
    volumes: tuple[str, ...]
    arguments: tuple[str, ...]


def read(tree: SourceTree, path: str) -> Dockerfile | None:
    """Read a Dockerfile; None where there is none."""
    if path not in tree.texts:
        return None
    stage: dict[str, str] = {}
    ports: list[int] = []
    volumes: list[str] = []
    arguments: list[str] = []
    for instruction, rest in _instructions(tree.text(path)):
        if instruction == "FROM":
            stage, ports, volumes = {}, [], []
        elif instruction == "EXPOSE":
            ports += [int(each) for each in re.findall(r"\b(\d{2,5})(?:/tcp)?\b", rest)]
        elif instruction == "VOLUME":
            volumes += _words(rest)
        elif instruction == "ARG" and "=" not in rest:
            arguments.append(rest.split()[0] if rest.split() else "")
        else:
            stage[instruction] = rest
    command, entry = stage.get("CMD", ""), stage.get("ENTRYPOINT", "")
    return Dockerfile(
        path=path,
        command=" ".join(_words(command)),
        command_in_shell=bool(command) and not command.startswith("["),
        entrypoint=" ".join(_words(entry)),
        entrypoint_in_shell=bool(entry) and not entry.startswith("["),
        ports=tuple(dict.fromkeys(ports)),
        folder=stage.get("WORKDIR", "/"),
        volumes=tuple(volumes),
        arguments=tuple(dict.fromkeys(arguments)),
    )


def settings_of(tree: SourceTree, found: Dockerfile) -> Iterator[Found]:
    """Give the port that the image listens on; none where gunicorn is told of none."""
    line = f"{found.entrypoint} {found.command}".strip()
    configured = _configured(tree, line)
    bound = _BIND.search(f"{line} {configured}") or _PORT.search(line)
    if bound:
        yield Found("port", int(bound[1]), found.path)
    elif "gunicorn" in line:
        return
    elif found.ports:
        yield Found("port", found.ports[0], f"{found.path}: EXPOSE")


def unsolved_of(found: Dockerfile) -> Iterator[Unsolved]:
    """Say what will not work as it is, with the line that mends it."""
    line = f"{found.entrypoint} {found.command}".strip()
    if found.entrypoint_in_shell:
        words = json.dumps(found.entrypoint.split())
        yield Unsolved(
            "its ENTRYPOINT is in shell form, so it gets no signal to stop; write it as "
            f"ENTRYPOINT {words}",
            found.path,
        )
    if _OWN_MACHINE.search(line):
        yield Unsolved(
            "it listens on 127.0.0.1, where nobody reaches it; have it listen on 0.0.0.0",
            found.path,
        )
    if _BACKGROUND.search(line):
        yield Unsolved(
            "it goes into the background, so its container ends; have it stay in the foreground",
            found.path,
        )
    if found.volumes:
        yield Unsolved(
            f"its VOLUME {', '.join(found.volumes)} would be lost at each release; name it: data: "
            f"{found.volumes[0]}",
            found.path,
        )
    if not line:
        yield Unsolved("it says no command; add command: [program, argument]", found.path)


def arguments_of(found: Dockerfile, given: Container[str]) -> Iterator[Unsolved]:
    """Say which arguments of its build nobody has given a value."""
    for name in found.arguments:
        if name not in _GIVEN and name not in given:
            yield Unsolved(
                f"its build takes the argument {name}; add build_args: {{{name}: …}}", found.path
            )


def _configured(tree: SourceTree, line: str) -> str:
    """Give the text of gunicorn's configuration that a command line names."""
    named = re.search(r"(?:-c|--config)[= ](?:file:)?([\w./-]+\.py)", line)
    if not named:
        return ""
    said = re.search(r"^bind\s*=\s*['\"]([^'\"]+)", tree.text(named[1].lstrip("./")), re.M)
    return f"--bind {said[1]}" if said else ""


def serves(found: Dockerfile) -> str:
    """Name the application that the image serves, if its command says so."""
    said = served(f"{found.entrypoint} {found.command}".strip())
    return said.app if said else ""


def _instructions(text: str) -> Iterator[tuple[str, str]]:
    whole = re.sub(r"\\\s*\n", " ", re.sub(r"^\s*#.*\n", "", text, flags=re.M))
    for line in whole.splitlines():
        found = re.match(r"\s*([A-Za-z]+)\s+(.+)", line)
        if found:
            yield found[1].upper(), found[2].strip()[:_LONGEST]


def _words(rest: str) -> list[str]:
    if rest.startswith("["):
        try:
            return [str(word) for word in json.loads(rest)]
        except ValueError:
            return []
    return rest.split()
