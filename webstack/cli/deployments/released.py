"""Finds the containers of the release in force, and runs commands in or beside them."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from webstack.cli.backends.composition import StackSession
from webstack.cli.deployments import audit, stack_daemon
from webstack.cli.state.stack_state import StackState
from webstack.cli.terminal.errors import OpsError


class Part(msgspec.Struct, frozen=True):
    """Names a service, or a role of it, and its containers in the release in force."""

    name: str
    service: str
    containers: tuple[str, ...]


def part(release: Mapping[str, Any], stack: str, service: str, role: str | None = None) -> Part:
    """Find a service of a release, or a role of it; raises OpsError, with those there are.

    A role is also known by its name in the stack, as `status` shows it: shop-worker.
    """
    services: Mapping[str, Any] = release.get("services") or {}
    named = (release.get("roles") or {}).get(service)
    if named and role is None and service not in services:
        return Part(service, str(named["service"]), tuple(named["containers"]))
    if not services:
        raise OpsError(f"{stack} has no release", "`webstack up` makes one")
    if service not in services:
        raise OpsError(f"{stack} has no service {service}", f"there are: {', '.join(services)}")
    if role is None:
        replicas = services[service]["replicas"]
        return Part(service, service, tuple(each["container"] for each in replicas))
    roles = {
        str(each["role"]): (name, each)
        for name, each in (release.get("roles") or {}).items()
        if each["service"] == service
    }
    if role not in roles:
        there = ", ".join(sorted(roles)) or "none"
        raise OpsError(f"{service} has no role {role}", f"there are: {there}")
    name, found = roles[role]
    return Part(name, service, tuple(found["containers"]))


def of_session(session: StackSession) -> Mapping[str, Any]:
    """Give the release in force of a stack, as its state has it."""
    return StackState(session.records.export()).release()


def run_beside(session: StackSession, found: Part, command: Sequence[str]) -> int:
    """Run a command in a container of its own, as the part's are; notes it, gives its exit code."""
    api = stack_daemon.on_docker(session).api
    from webstack.cli.daemon import one_off

    name = f"{session.project.name}-{session.stack}-{found.name}-run"
    code = 130
    try:
        code = one_off.run(api, found.containers[0], command, name)
    finally:
        audit.note(session.project.root, session.stack, "run", found.name, command, code)
    return code


def container_of(found: Part, number: int) -> str:
    """Name one of a part's containers; raises OpsError where there are not so many."""
    if not 0 <= number < len(found.containers):
        raise OpsError(
            f"{found.name} has no container {number}", f"there are {len(found.containers)}, from 0"
        )
    return found.containers[number]


def run_inside(session: StackSession, found: Part, number: int, command: Sequence[str]) -> int:
    """Run a command in a container that serves; notes it, gives its exit code."""
    container = container_of(found, number)
    api = stack_daemon.on_docker(session).api
    from webstack.cli.daemon import streams

    code = 130
    try:
        if sys.stdin.isatty() and sys.stdout.isatty():
            code = streams.converse(api, container, command)
        else:
            code = streams.run(
                api, container, command, stdin=sys.stdin.buffer, stdout=sys.stdout.buffer
            )
    finally:
        audit.note(session.project.root, session.stack, "exec", found.name, command, code)
    return code


def only_with(session: StackSession, wanted: str | None, *question: str) -> Part:
    """Choose the service that is meant: the named one, else the one where a command succeeds.

    Raises OpsError where it is none, or several.
    """
    release = of_session(session)
    if wanted is not None:
        return part(release, session.stack, wanted)
    api = stack_daemon.on_docker(session).api
    from webstack.cli.daemon.containers import plain_errors

    def succeeds(container: str) -> bool:
        with plain_errors():
            job = api.exec_create(container, list(question))["Id"]
            api.exec_start(job)
            return bool(api.exec_inspect(job)["ExitCode"] == 0)

    services = [part(release, session.stack, name) for name in release.get("services") or {}]
    fitting = [each for each in services if succeeds(each.containers[0])]
    if len(fitting) != 1:
        there = ", ".join(each.name for each in fitting) or "none"
        raise OpsError(
            f"which service is meant? These fit: {there}",
            "name it before the command: --service NAME",
        )
    return fitting[0]
