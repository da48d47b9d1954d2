"""The use cases that look at the machine: status, logs, doctor, and what a stack leaves behind."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import asdict, replace

from webstack.cli.backends.composition import Session, open_session
from webstack.cli.backends.runner import Options
from webstack.cli.daemon.overwritten_images import Tag, changed_tags
from webstack.cli.daemon.prune_selection import is_base
from webstack.cli.machine.docker_daemon import find
from webstack.cli.machine.docker_endpoints import candidates
from webstack.cli.state.stack_state import StackState
from webstack.cli.terminal.errors import OpsError, preview_failed
from webstack.cli.terminal.json_text import json_text
from webstack.cli.terminal.summary import Leftovers, services_of
from webstack.cli.terminal.tables import table
from webstack.contract import plain_text
from webstack.engine.project import config

if TYPE_CHECKING:
    from webstack.cli.daemon.containers import Container, StackOnDocker

_SERVICES = "webstack:services"
HEADINGS = ("SERVICE", "CONTAINER", "STATE", "HEALTH", "RELEASE", "MEMORY", "RESTARTS", "URL")


def status(options: Namespace) -> int:
    """Show each container of the stack; exit code 1 if one is not well."""
    session = open_session(options.stack, options.engine, options.cwd, os.environ)
    found = faults(session, tries=1, longest=3, settled=0)
    containers = [
        replace(item, fault=found.get(item.name, "")) for item in on_docker(session).containers()
    ]
    urls = _urls(session)
    if options.json:
        shown = [{**asdict(item), "url": urls.get(item.service, "")} for item in containers]
        print(json_text(shown))
    elif containers:
        print(table(HEADINGS, [_row(item, urls) for item in containers]))
    else:
        print(f"{session.stack} has no containers; start it with `webstack up`.", file=sys.stderr)
    return told(found) or int(not all(item.is_well for item in containers))


def logs(options: Namespace) -> int:
    """Print the logs of the stack, or of some of its services."""
    from webstack.cli.daemon.log_reader import LogReader
    from webstack.cli.terminal.log_lines import as_json, readable

    stack, services = _told_apart(options)
    session = open_session(stack, options.engine, options.cwd, os.environ)
    docker = on_docker(session)
    reader = LogReader(docker, session.project.name, session.stack, services)
    _require_known(services, {*reader.sources(), *_declared(session)}, session.stack)
    width = 0
    for line in reader.follow(options.tail) if options.follow else reader.recent(options.tail):
        width = max(width, len(line.source))
        print(as_json(line) if options.json else readable(line, width), flush=options.follow)
    return 0


def drift(options: Namespace) -> int:
    """Show what differs between the state and the machine; exit code 2 if something does."""
    from webstack.cli.commands.drift import DRIFT_FOUND, as_markdown, as_text, drifts, of_tag

    session = open_session(options.stack, options.engine, options.cwd, os.environ)
    if not use_engine():
        raise OpsError("no Docker engine answers", "`webstack doctor` tells what was tried")
    refreshed = session.runner.preview_refresh()
    updated = session.runner.preview(Options(refresh=True, quiet=True))
    for plan in (refreshed, updated):
        if plan.code:
            raise preview_failed(plan.document)
    found = [
        replace(each, taken=on_docker(session).has_object(each.kind, each.name))
        if each.may_be_taken
        else each
        for each in drifts(refreshed.document, updated.document)
    ]
    found += [of_tag(session.project.name, session.stack, tag) for tag in _changed_tags(session)]
    if options.json:
        print(json_text([each.as_json() for each in found]))
    else:
        show = as_markdown if options.markdown else as_text
        print(show(session.stack, found))
    return DRIFT_FOUND if found else 0


def _changed_tags(session: Session) -> list[Tag]:
    """The tags of the release in force that someone has given to other images."""
    state = StackState(session.records.export())
    docker = on_docker(session)
    return [
        tag
        for release in state.releases()[-1:]
        for tag in changed_tags(state, release, docker.image_id)
    ]


def doctor(options: Namespace) -> int:
    """Check what this machine has and what the stack needs; exit code 1 if something is missing."""
    from webstack.cli.commands.doctor import examine

    findings = examine(options.stack, options.engine, options.cwd, os.environ)
    for finding in findings:
        print(finding)
    return 0 if all(finding.ok for finding in findings) else 1


def leftovers(session: Session) -> Leftovers:
    """Find what the stack leaves on the engine."""
    docker = on_docker(session)
    images = {name: size for name, size in docker.image_sizes().items() if not is_base(name)}
    return Leftovers(docker.volumes(), list(images), sum(images.values()))


def image_sizes(session: Session) -> Mapping[str, int]:
    """Sizes of the project's images by reference."""
    return on_docker(session).image_sizes()


def use_engine() -> bool:
    """Point the environment at an engine that answers already; gives whether there is one."""
    endpoint = find(candidates(os.environ, Path.home()))
    if endpoint:
        os.environ.update(endpoint.variables)
    return endpoint is not None


def on_docker(session: Session) -> StackOnDocker:
    """Open what the stack has on an engine that answers; starts none."""
    if not use_engine():
        raise OpsError("no Docker engine answers", "`webstack up` starts one")
    from webstack.cli.daemon.containers import StackOnDocker

    return StackOnDocker(session.project.name, session.stack)


def faults(
    session: Session, *, tries: int = 3, longest: float = 5, settled: float = 3
) -> Mapping[str, str]:
    """Find what is declared and does not do its work, by container; none without a state."""
    from webstack.cli.daemon.wellness import Wellness
    from webstack.engine.model.errors import EngineError

    try:
        state = StackState(session.records.export())
    except (OpsError, EngineError):
        return {}
    return Wellness(on_docker(session).api, state, tries, longest, settled).faults()


def told(found: Mapping[str, str]) -> int:
    """Tell what was found; gives the exit code that it makes."""
    for name, said in found.items():
        print(f"error: {plain_text.line(f'{name} {said}')}", file=sys.stderr, flush=True)
    return 1 if found else 0


def _urls(session: Session) -> dict[str, str]:
    from webstack.engine.model.errors import EngineError

    try:
        services = services_of(session.records.outputs())
    except (OpsError, EngineError):
        return {}  # containers can be looked at without a state, too
    return {name: str(service.get("url", "")) for name, service in services.items()}


def _row(item: Container, urls: dict[str, str]) -> tuple[str, ...]:
    return (
        item.service,
        item.name,
        item.state,
        "failing" if item.fault else item.health,
        item.release,
        item.memory_text,
        str(item.restarts),
        urls.get(item.service, ""),
    )


def _declared(session: Session) -> Iterable[str]:
    """The services that the settings name: they may have no container yet."""
    settings = config.read_settings(session.project, session.stack).values.get(_SERVICES)
    return settings if isinstance(settings, Mapping) else ()


def _require_known(services: Iterable[str], known: Collection[str], stack: str) -> None:
    for service in services:
        if service not in known:
            there = ", ".join(sorted(known)) or "none"
            raise OpsError(f"{stack} has no service {service}", f"there are: {there}")


def _told_apart(options: Namespace) -> tuple[str | None, list[str]]:
    """Tell the stack from the services: it comes first, and has a settings file."""
    words: list[str] = list(options.words)
    if options.stack or not words:
        return options.stack, words
    session = open_session(words[0], options.engine, options.cwd, os.environ)
    if session.project.settings_file(words[0]).exists():
        return words[0], words[1:]
    return None, words
