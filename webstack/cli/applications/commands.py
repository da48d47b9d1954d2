"""What an application's own files start: Procfile, Compose file, Dockerfile."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from webstack.cli.applications.findings import Found
from webstack.cli.applications.tree import SourceTree

_SERVERS = ("gunicorn", "uvicorn", "hypercorn", "daphne", "granian")
_COMPOSE = (
    *("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"),
    *("docker-compose.production.yml", "docker-compose.prod.yml", "production.yml"),
)
_SINGLE = re.compile(r"\b(beat|scheduler|clock|cron|rqscheduler)\b")
_BACKGROUND = re.compile(r"\b(celery|rq|rqworker|worker|huey|dramatiq|beat|scheduler|qcluster)\b")
_LONGEST = 4000
"""Characters of a line of a Procfile; a longer one is none that somebody wrote."""
_NO_ROLES = ("web", "release")
_FOR_DEVELOPING = re.compile(
    r"\b(npm|npx|yarn|pnpm|tailwind|webpack|vite|runserver|watch|livereload|maildev|mailhog)\b"
)
_VALUES_OF_OPTIONS = re.compile(r"^-(b|w|k|t|c|p|u|-\w[\w-]*)$")
NEEDS = {
    "postgres": "PostgreSQL",
    "postgis": "PostgreSQL",
    "mysql": "MySQL",
    "mariadb": "MySQL",
    "redis": "Redis",
    "valkey": "Redis",
    "memcached": "memcached",
    "rabbitmq": "RabbitMQ",
    "mongo": "MongoDB",
    "elasticsearch": "Elasticsearch",
    "opensearch": "Elasticsearch",
    "meilisearch": "Meilisearch",
}
"""What images are, by a part of their names."""


@dataclass(frozen=True)
class Served:
    """What a command line serves: the application, and the server that it names."""

    app: str
    server: str


def procfile(tree: SourceTree, root: str = "") -> Mapping[str, str]:
    """Give the command lines of a Procfile by their names."""
    found = {}
    for line in tree.text(f"{root}Procfile").splitlines()[:100]:
        name, colon, command = line.partition(":")
        if colon and len(line) < _LONGEST and re.fullmatch(r"[A-Za-z0-9_-]+", name.strip()):
            found[name.strip()] = command.strip()
    return found


def served(command: str) -> Served | None:
    """Give what a command line serves, of its last part where it has several; None for nothing."""
    words = _words(re.split(r"&&|;", command)[-1])
    for position, word in enumerate(words):
        name = word.rpartition("/")[2]
        if name in _SERVERS:
            app = _application(words[position + 1 :])
            asynchronous = name == "gunicorn" and "uvicorn" in command
            return Served(app, "uvicorn" if asynchronous else name) if app else None
    return None


def _application(words: list[str]) -> str:
    skipped = False
    for word in words:
        if skipped or word.startswith("-"):
            skipped = not skipped and "=" not in word and bool(_VALUES_OF_OPTIONS.match(word))
        elif re.fullmatch(r"[A-Za-z_][\w.]*(:[A-Za-z_][\w.]*(\(.*\))?)?", word):
            return word if ":" in word else f"{word}:application"
    return ""


def procfile_roles(lines: Mapping[str, str], source: str) -> Iterator[Found]:
    """Give a role for each process of a Procfile, but for what serves, prepares or develops."""
    there = {
        name: line
        for name, line in lines.items()
        if name not in _NO_ROLES and not _FOR_DEVELOPING.search(f"{name} {line}")
    }
    yield from _roles(there, source)


def _roles(lines: Mapping[str, str], source: str) -> Iterator[Found]:
    for name, command in lines.items():
        words = _words(command)
        plain = words and not re.search(r"[$&|;<>`]", command)
        role: dict[str, Any] = {"command": words if plain else ["sh", "-c", command]}
        if _SINGLE.search(f"{name} {command}"):
            role["single"] = True
        yield Found(f"roles.{_role_name(name)}", role, source)


def _role_name(name: str) -> str:
    return re.sub(r"[^a-z0-9-]+", "-", name.lower()).strip("-")[:20] or "worker"


def compose_file(tree: SourceTree, root: str = "") -> tuple[str, Mapping[str, Any]]:
    """Give the name of the Compose file and its services; nothing where it has none."""
    for name in _COMPOSE:
        text = tree.text(f"{root}{name}")
        try:
            read = yaml.safe_load(text) if 0 < len(text) < 100_000 else None
        except (yaml.YAMLError, RecursionError, ValueError):
            read = None
        services = read.get("services") if isinstance(read, dict) else None
        if isinstance(services, dict):
            return f"{root}{name}", {str(k): v for k, v in services.items() if isinstance(v, dict)}
    return "", {}


def compose_roles(services: Mapping[str, Any], source: str) -> Iterator[Found]:
    """Give the services of a Compose file that work in the background, of the project's image."""
    lines = {
        name: line
        for name, service in services.items()
        if (line := command_of(service)) and ("build" in service or not service.get("image"))
    }
    background = {
        name: line
        for name, line in lines.items()
        if name not in _NO_ROLES and _BACKGROUND.search(f"{name} {line}")
    }
    yield from _roles(background, source)


def command_of(service: Mapping[str, Any]) -> str:
    """Give the command of a service of a Compose file as a line; empty where it has none."""
    command = service.get("command")
    if isinstance(command, list):
        return shlex.join(map(_plain, command))
    return _plain(command)


def _plain(value: object) -> str:
    """Give a single value as text: what is made of parts may be endless, by its references."""
    return str(value) if isinstance(value, str | int | float) else ""


def compose_build(services: Mapping[str, Any], source: str) -> Iterator[Found]:
    """Give how a Compose file builds the project's image: of the first service that it builds."""
    build = next((each["build"] for each in services.values() if each.get("build")), None)
    if not isinstance(build, dict) or _plain(build.get("context", ".")).strip("./"):
        return
    for key in ("dockerfile", "target"):
        if (value := _plain(build.get(key))) and value != "Dockerfile":
            yield Found(key, value.removeprefix("./"), source)
    given = build.get("args") or {}
    words = [_plain(each).partition("=")[::2] for each in given] if given else []
    pairs = given.items() if isinstance(given, dict) else words
    said = {str(name): _plain(value) for name, value in pairs}
    arguments = {name: value for name, value in said.items() if value and "$" not in value}
    if arguments:
        yield Found("build_args", arguments, source)


def compose_needs(services: Mapping[str, Any]) -> Iterator[str]:
    """Give what a Compose file brings along: PostgreSQL, Redis."""
    for service in services.values():
        image = _plain(service.get("image", "")).rpartition("/")[2]
        for part, need in NEEDS.items():
            if part in image:
                yield need


def _words(command: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError:
        return command.split()
