"""`cp`: copy a file or folder out of a service's container, or into one of its volumes."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path, PurePosixPath

from webstack.cli.backends import session_setup
from webstack.cli.deployments import audit, released, stack_daemon
from webstack.cli.terminal.arguments import add_stack_option
from webstack.cli.terminal.errors import OpsError


def arguments(parser: ArgumentParser) -> None:
    """Add the command's words and options."""
    add_stack_option(parser)
    parser.add_argument("source", metavar="FROM", help="a path of this machine, or SERVICE:/path")
    parser.add_argument("target", metavar="TO", help="the other: SERVICE:/path, or a path")


def run(options: Namespace) -> int:
    """Copy one way or the other, and note it."""
    ends = [_service_and_path(each) for each in (options.source, options.target)]
    services = [end for end in ends if end]
    if len(services) != 1:
        raise OpsError("one of the two is in a service, as SERVICE:/path, and one is not")
    [(service, path)] = services
    session = session_setup.session_of(options)
    found = released.part(released.of_session(session), session.stack, service)
    api = stack_daemon.on_docker(session).api
    from webstack.cli.daemon import copying

    if ends[0]:
        copying.out_of(api, found.containers[0], path, Path(options.target))
    else:
        copying.into(api, found.containers[0], Path(options.source), path)
    words = (options.source, options.target)
    audit.note(session.project.root, session.stack, "cp", service, words, 0)
    return 0


def _service_and_path(said: str) -> tuple[str, str] | None:
    service, colon, path = said.partition(":")
    if not colon or "/" in service or not service:
        return None
    if not PurePosixPath(path).is_absolute():
        raise OpsError(f"{said}: the path in a container begins with /", f"write {service}:/{path}")
    return service, path
