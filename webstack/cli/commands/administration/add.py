"""`add`: look at an application, and write the service that it becomes."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from webstack.cli.applications import service_entry
from webstack.cli.applications.dependencies.package_files import index_files
from webstack.cli.applications.environment import is_secret
from webstack.cli.applications.fetching import fetched, is_address
from webstack.cli.applications.findings import Application
from webstack.cli.applications.recognise import recognise
from webstack.cli.applications.tree import read_tree
from webstack.cli.backends import session_setup
from webstack.cli.terminal import prompts
from webstack.cli.terminal.arguments import add_flag, add_stack_option
from webstack.cli.terminal.errors import OpsError
from webstack.contract import plain_text
from webstack.contract.application_servers import ASGI
from webstack.engine.project import yaml_files
from webstack.engine.project.project import Project


def arguments(parser: ArgumentParser) -> None:
    """Add the command's words and options."""
    add_stack_option(parser)
    parser.add_argument("what", metavar="PATH|GIT-URL", help="the application's folder or address")
    parser.add_argument("name", nargs="?", metavar="NAME", help="of the service; its folder's else")
    parser.add_argument("--path", metavar="/NAME", help="serve it under a path")
    parser.add_argument("--host", metavar="HOST", help="serve it at a host; NAME below the stack's")
    add_flag(
        parser,
        "--on-base",
        text="build it on the stack's base images, though it has a Dockerfile of its own",
    )
    add_flag(parser, "--show", text="show what was found, and write nothing")


def run(options: Namespace) -> int:
    """Write what was found into the settings, and a Dockerfile where there is none."""
    session = session_setup.session_of(options)
    project = session.project
    name = options.name or service_entry.name_from(options.what)
    settings = project.settings_file(session.stack)
    text = settings.read_text() if settings.is_file() else "config:\n"
    if name in service_entry.services_in(text):
        print(f"{name} is in {settings.name} already; nothing was changed")
        return 0
    source = _source(options, project, name)
    application = recognise(read_tree(source), on_base=options.on_base, look_up=index_files)
    route = dict(_route(options, text, name))
    place, outside = service_entry.relative(source, project.root)
    if outside:
        route = {"source_outside": True, **route}
    entry = service_entry.entry_of(application, place, route)
    _require_one_prefix(entry)
    if not options.show:
        application = _asked(application, entry)
    print(plain_text.line(f"{name}: {application.framework}, in {place}. Found:"))
    print("\n".join(service_entry.shown(application.settings)))
    if not options.show:
        written = [*_write(source, application.files)]
        settings.write_text(service_entry.with_service(text, name, entry))
        places = [f"{place}/{each}" for each in written]
        print(plain_text.line(f"Written: {', '.join([*places, settings.name])}"))
    _say_rest(application, name)
    return 0


def _source(options: Namespace, project: Project, name: str) -> Path:
    """Give the folder of the application, fetched where an address names it."""
    if not is_address(options.what):
        return Path(options.cwd or ".") / Path(options.what).expanduser()
    if options.show:
        raise OpsError("an address is fetched into services/ first", "leave out --show")
    target = project.root / "services" / name
    commit = fetched(options.what, target)
    print(plain_text.line(f"{options.what} is copied to services/{name}, as of {commit[:12]}"))
    return target


def _route(options: Namespace, text: str, name: str) -> Iterator[tuple[str, Any]]:
    if options.path:
        yield "path", options.path
    if options.host or not options.path:
        yield "hosts", [options.host or f"{name}.{_first_host(text)}"]


def _require_one_prefix(entry: Mapping[str, Any]) -> None:
    """Refuse what `up` would: a prefix and none, for a server that knows one."""
    if entry.get("server") in ASGI and entry.get("path", "/") != "/" and entry.get("hosts"):
        raise OpsError(
            f"{entry['server']} takes one prefix for all requests, here {entry['path']}",
            "leave out --path or --host, or add it twice under two names",
        )


def _first_host(text: str) -> str:
    document = yaml_files.parsed(text) or {}
    hosts = (document.get("config") or {}).get("webstack:hosts") or ["localhost"]
    return str(hosts[0])


def _asked(application: Application, entry: dict[str, Any]) -> Application:
    """Ask for variables that nobody but the user knows; never for secrets, nor where none can."""
    left = []
    for each in application.unsolved:
        plain = each.variable and not is_secret(each.variable) and prompts.is_terminal()
        value = input(plain_text.line(f"{each.variable} ({each.source}): ")) if plain else ""
        if value:
            entry.setdefault("environment", {})[each.variable] = value
        else:
            left.append(each)
    return replace(application, unsolved=tuple(left))


def _write(folder: Path, files: Mapping[str, str]) -> Iterator[str]:
    """Write files that are not there; gives their names. What is there stays as it is."""
    for name, text in files.items():
        path = folder / name
        if not path.exists() and not path.is_symlink():
            path.write_text(text)
            yield name


def _say_rest(application: Application, name: str) -> None:
    if application.unsolved:
        print("Not solved:")
        for each in application.unsolved:
            print(plain_text.line(f"  - {each}"))
    print(f"Next: `webstack up`; `webstack logs {name}` has what it says", file=sys.stderr)
