"""`scale`: give services, or roles of them, another number of containers."""

from __future__ import annotations

import re
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from webstack.cli.backends import session_setup
from webstack.cli.backends.composition import StackSession
from webstack.cli.deployments.update import update
from webstack.cli.terminal.arguments import add_shared, add_stack_option
from webstack.cli.terminal.errors import OpsError
from webstack.engine.project import config

_SERVICES = "webstack:services"
_WORD = re.compile(r"([a-z][a-z0-9-]*)=([0-9]{1,3})")


class Setting(NamedTuple):
    """Holds a setting by its path, as it was, and as it is to be."""

    path: str
    before: Any
    replicas: int


def arguments(parser: ArgumentParser) -> None:
    """Add the command's words and options."""
    add_stack_option(parser)
    add_shared(parser, "--yes", "--parallel")
    parser.add_argument(
        "words", nargs="+", metavar="SERVICE=N", help="a service, or a role as shop-worker"
    )
    parser.set_defaults(plan=None, allow_data_loss=False)


def run(options: Namespace) -> int:
    """Write the settings, and bring the stack to them; puts them back where that fails."""
    session = session_setup.session_of(options)
    services = config.read_settings(session.project, session.stack).values.get(_SERVICES)
    known = services if isinstance(services, Mapping) else {}
    changes = list(settings(known, options.words, session.stack))
    for change in changes:
        session.records.set(change.path, str(change.replicas), secret=False, path=True)
    code = 1
    try:
        code = update(options)
    finally:
        if code:
            _put_back(session, changes)
    return code


def settings(services: Mapping[str, Any], words: Iterable[str], stack: str) -> Iterator[Setting]:
    """Give what is to be set; raises OpsError for a word that names nothing there is."""
    for word in words:
        match = _WORD.fullmatch(word)
        if not match:
            raise OpsError(f"{word!r} is no SERVICE=N", "write one such as shop=3")
        name, replicas = match[1], int(match[2])
        owner, path = _place(services, name, stack)
        yield Setting(f"{_SERVICES}.{path}.replicas", owner.get("replicas"), replicas)


def _place(services: Mapping[str, Any], name: str, stack: str) -> tuple[Mapping[str, Any], str]:
    places: dict[str, tuple[Mapping[str, Any], str]] = {}
    for service, body in services.items():
        if isinstance(body, Mapping):
            places[service] = (body, service)
            for role, each in (body.get("roles") or {}).items():
                places[f"{service}-{role}"] = (each or {}, f"{service}.roles.{role}")
    if name not in places:
        there = ", ".join(places) or "none"
        raise OpsError(f"{stack} has no service or role {name}", f"there are: {there}")
    return places[name]


def _put_back(session: StackSession, changes: Iterable[Setting]) -> None:
    for change in changes:
        if change.before is None:
            session.records.remove(change.path, path=True)
        else:
            session.records.set(change.path, str(change.before), secret=False, path=True)
