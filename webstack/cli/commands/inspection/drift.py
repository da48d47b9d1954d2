"""`drift`: show what differs between the state and the machine."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from msgspec.structs import replace

from webstack.cli.backends import session_setup
from webstack.cli.backends.composition import StackSession
from webstack.cli.backends.runner import OperationOptions
from webstack.cli.compare.drift import as_markdown, as_text, drifts, of_tag
from webstack.cli.daemon.overwritten_images import Tag, changed_tags
from webstack.cli.deployments import stack_daemon
from webstack.cli.state.stack_state import StackState
from webstack.cli.terminal.arguments import add_flag, add_shared, add_stack
from webstack.cli.terminal.errors import OpsError, preview_failed
from webstack.cli.terminal.json_text import json_text

DRIFT_FOUND = 2
"""The exit code where there is any."""


def arguments(parser: ArgumentParser) -> None:
    """Add the command's words and options."""
    add_stack(parser)
    add_shared(parser, "--json")
    add_flag(parser, "--markdown", text="print Markdown, for an issue")


def run(options: Namespace) -> int:
    """Show what differs between the state and the machine; exit code 2 if something does."""
    session = session_setup.session_of(options)
    if not stack_daemon.use_daemon(session):
        raise OpsError("no Docker daemon answers", "`webstack doctor` tells what was tried")
    refreshed = session.runner.preview_refresh()
    updated = session.runner.preview(OperationOptions(refresh=True, quiet=True))
    for plan in (refreshed, updated):
        if plan.code:
            raise preview_failed(plan.document)
    found = [
        replace(each, taken=stack_daemon.on_docker(session).has_object(each.kind, each.name))
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


def _changed_tags(session: StackSession) -> list[Tag]:
    """Find the tags of the release in force that someone has given to other images."""
    state = StackState(session.records.export())
    docker = stack_daemon.on_docker(session)
    return [
        tag
        for release in state.releases()[-1:]
        for tag in changed_tags(state, release, docker.image_id)
    ]
