"""`secrets`: list the secrets of services, or have one made anew; no value is ever shown."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from webstack.cli.backends import session_setup
from webstack.cli.backends.composition import StackSession
from webstack.cli.terminal.arguments import add_shared, add_stack_option
from webstack.cli.terminal.errors import OpsError
from webstack.cli.terminal.json_text import json_text
from webstack.cli.terminal.tables import table
from webstack.engine.project import config

HEADINGS = ("SERVICE", "VARIABLE", "SERIAL", "FROM")
_SERVICES = "webstack:services"
_VERBS = {
    "list": "list the secret variables of services",
    "rotate": "raise the serial of one, so that the next `up` makes it anew and rolls its service",
}


class SecretVariable(msgspec.Struct, frozen=True):
    """A secret variable of a service; without a ``setting`` the stack makes it."""

    service: str
    variable: str
    serial: int = 1
    setting: str = ""

    @property
    def source(self) -> str:
        """Tell where its value comes from, in words."""
        return f"the setting {self.setting}" if self.setting else "made by the stack"


def arguments(parser: ArgumentParser) -> None:
    """Add the command's words and options."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="|".join(_VERBS))
    for verb, text in _VERBS.items():
        words = verbs.add_parser(verb, help=text, description=text)
        add_stack_option(words)
        if verb == "list":
            add_shared(words, "--json")
        else:
            words.add_argument("service", metavar="SERVICE")
            words.add_argument("variable", metavar="VARIABLE")


def run(options: Namespace) -> int:
    """List secrets, or raise the serial of one in the stack's settings file."""
    session = session_setup.session_of(options)
    known = [*variables(_services(session))]
    if options.verb == "rotate":
        _rotate(session, known, options.service, options.variable)
    elif options.json:
        print(json_text([msgspec.to_builtins(each) for each in known]))
    elif known:
        print(table(HEADINGS, [_row(each) for each in known]))
    else:
        print(f"{session.stack} has no secret variables.", file=sys.stderr)
    return 0


def variables(services: Mapping[str, Any]) -> Iterator[SecretVariable]:
    """Give the secret variables that settings of services name."""
    for service, body in sorted(services.items()):
        named = body.get("secret_environment") if isinstance(body, Mapping) else None
        for variable, said in sorted((named or {}).items()):
            secret = said if isinstance(said, Mapping) else {}
            serial = int(secret.get("serial") or 1)
            yield SecretVariable(service, variable, serial, str(secret.get("setting") or ""))


def _rotate(
    session: StackSession, known: list[SecretVariable], service: str, variable: str
) -> None:
    for each in known:
        if (each.service, each.variable) == (service, variable):
            break
    else:
        there = ", ".join(f"{each.service} {each.variable}" for each in known) or "none"
        raise OpsError(
            f"{session.stack} has no secret variable {variable} of {service}", f"there are: {there}"
        )
    key = f"{_SERVICES}.{service}.secret_environment.{variable}.serial"
    session.records.set(key, str(each.serial + 1), secret=False, path=True)
    value = f"set webstack:{each.setting} first, then" if each.setting else "run"
    print(
        f"{variable} of {service} has the serial {each.serial + 1}; {value} `webstack up "
        f"{session.stack}`, which rolls {service} without a gap.",
        file=sys.stderr,
    )


def _services(session: StackSession) -> Mapping[str, Any]:
    found = config.read_settings(session.project, session.stack).values.get(_SERVICES)
    return found if isinstance(found, Mapping) else {}


def _row(each: SecretVariable) -> tuple[str, ...]:
    return (each.service, each.variable, str(each.serial), each.source)
