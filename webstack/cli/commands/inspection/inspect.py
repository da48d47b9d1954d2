"""`inspect`: say in words what a service, a role or a server runs, from what and with what."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from webstack.cli.backends import session_setup
from webstack.cli.daemon.containers import Container, StackOnDocker, plain_errors
from webstack.cli.daemon.looks.description import described, state
from webstack.cli.deployments import stack_daemon
from webstack.cli.state.stack_state import StackState
from webstack.cli.terminal.arguments import add_shared, add_stack_option
from webstack.cli.terminal.errors import OpsError
from webstack.cli.terminal.json_text import json_text
from webstack.contract import plain_text
from webstack.contract.health_check import HealthCheck

_INDENT = 12


def arguments(parser: ArgumentParser) -> None:
    """Add the command's words and options."""
    parser.add_argument(
        "service", metavar="SERVICE", help="a service, a role as shop-worker, or a server as proxy"
    )
    add_stack_option(parser)
    add_shared(parser, "--json")


def run(options: Namespace) -> int:
    """Show what runs; raises OpsError where nothing of that name does."""
    session = session_setup.session_of(options)
    docker = stack_daemon.on_docker(session)
    known = StackState(session.records.export())
    own = _containers(docker, options.service, session.stack)
    with plain_errors():
        found = [docker.api.inspect_container(each.name) for each in own]
    lines = {
        "runs": [f"{one.name}: {state(each)}" for one, each in zip(own, found, strict=True)],
        "from": [_image(docker, found[0])],
        **_released(known, options.service, own[0]),
        **described(found[0]),
    }
    lines["health"] = [*_asked(known.release(), options.service), *lines["health"]]
    if options.json:
        print(json_text({"service": options.service, "stack": session.stack, **lines}))
    else:
        print("\n".join(_text(f"{options.service} of {session.stack}", lines)))
    return 0


def _containers(docker: StackOnDocker, service: str, stack: str) -> Sequence[Container]:
    there = docker.containers()
    own = [each for each in there if each.service == service]
    if not own:
        names = ", ".join(sorted({each.service for each in there})) or "none"
        raise OpsError(f"{stack} runs no {service}", f"there are: {names}")
    # A relay stands beside the container that serves: what serves comes first.
    return sorted(own, key=lambda each: each.role == "relay")


def _image(docker: StackOnDocker, found: Mapping[str, Any]) -> str:
    name, identifier = str(found["Config"]["Image"]), str(found["Image"])
    now = docker.image_id(name)
    moved = "" if now in (identifier, None) else "; that name means another image by now"
    return f"{name} ({identifier.removeprefix('sha256:')[:12]}{moved})"


def _released(known: StackState, service: str, own: Container) -> dict[str, list[str]]:
    """Say of which release it is, and under which address it answers."""
    releases, urls = known.releases(), known.urls()
    last = f"; release {releases[-1].number} of the stack" if releases else ""
    made = f" of {releases[-1].commit[:12]}" if releases and releases[-1].commit else ""
    lines = {"release": [f"{own.release}{last}{made}"]} if own.release else {}
    return {**lines, **({"route": [urls[service]]} if service in urls else {})}


def _asked(release: Mapping[str, Any], service: str) -> list[str]:
    """Say what a release asks a service, or a role, before users reach it."""
    if body := (release.get("services") or {}).get(service):
        said = msgspec.convert(body["health"], HealthCheck | str, strict=False)
        check = HealthCheck.of(said)
        return [
            f"by releases: GET {check.path} of {check.host}, answered by {check.accepted} within "
            f"{check.timeout} s, {body['start_timeout']:g} s after the start"
        ]
    role = (release.get("roles") or {}).get(service)
    if not role:
        return []
    health = role["health"]
    if isinstance(health, int | float):
        return [f"by releases: it has to run for {health:g} s"]
    return [f"by releases: {' '.join(map(str, health))} succeeds"]


def _text(title: str, lines: Mapping[str, Sequence[str]]) -> Iterator[str]:
    yield plain_text.line(title)
    for about, said in lines.items():
        for number, line in enumerate(said):
            head = about if number == 0 else ""
            yield plain_text.line(f"  {head.ljust(_INDENT)}{line}")
