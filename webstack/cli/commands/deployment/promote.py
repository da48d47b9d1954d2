"""`promote`: deploy the very images that another stack runs; the program builds nothing then."""

from __future__ import annotations

import json
import os
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from webstack.cli.backends import session_setup
from webstack.cli.backends.composition import StackSession
from webstack.cli.daemon.overwritten_images import changed_tags
from webstack.cli.deployments import stack_daemon
from webstack.cli.deployments.update import update
from webstack.cli.environments.stack_settings import debugs
from webstack.cli.state.stack_state import StackState
from webstack.cli.terminal.arguments import add_project, add_shared, add_update_options
from webstack.cli.terminal.errors import OpsError
from webstack.cli.terminal.progress import reporter
from webstack.contract.variables import PROMOTING

if TYPE_CHECKING:
    from webstack.cli.daemon.containers import StackOnDocker


def arguments(parser: ArgumentParser) -> None:
    """Add the command's words and options."""
    add_project(parser)
    parser.add_argument("source", metavar="STACK", help="whose images")
    parser.add_argument("stack_word", metavar="TARGET", help="the stack to deploy")
    add_update_options(parser)
    add_shared(parser, "--yes", "--parallel")
    parser.set_defaults(plan=None)


def run(options: Namespace) -> int:
    """Deploy the very images that another stack runs, with this stack's own settings."""
    with images_as_input(options):
        return update(options)


@contextmanager
def images_as_input(options: Namespace) -> Iterator[None]:
    """Let the program of ``options.stack`` take the images of ``options.source``."""
    source = session_setup.session_of(options, stack=options.source)
    target = session_setup.session_of(options)
    if source.stack == target.stack:
        raise OpsError(f"{source.stack} runs its own images", "name two stacks")
    state = _state(source)
    release = state.releases()[-1]
    _need_same_kind(source, target)
    _need_images(source, target, state, _brought(source, target, state))
    os.environ[PROMOTING] = json.dumps(
        {
            "stack": source.stack,
            "images": dict(release.images),
            "commit": release.commit,
            "clean": release.clean,
        }
    )
    try:
        yield
    finally:
        os.environ.pop(PROMOTING, None)


def _state(source: StackSession) -> StackState:
    """Return what is recorded of it; raises OpsError where it has no release."""
    if source.stack in source.records.stacks():
        state = StackState(source.records.export())
        if state.releases():
            return state
    raise OpsError(
        f"{source.stack} has no release to promote", f"run `webstack up {source.stack}` first"
    )


def _need_same_kind(source: StackSession, target: StackSession) -> None:
    """Refuse another kind of stack: an image with debugging in it is not one without."""
    ours, theirs = (debugs(session.project, session.stack) for session in (source, target))
    if ours != theirs:
        raise OpsError(
            f"the images of {source.stack} are built with debug: {str(ours).lower()}, and "
            f"{target.stack} wants {str(theirs).lower()}",
            f"`webstack up {target.stack}` builds its own",
        )


def _brought(source: StackSession, target: StackSession, state: StackState) -> StackOnDocker:
    """Take images from the daemon of one stack to that of the other; gives the latter."""
    release = state.releases()[-1]
    theirs = stack_daemon.on_docker(source)
    intact = {*release.images} - {
        each.name for each in changed_tags(state, release, theirs.image_id)
    }
    docker = stack_daemon.on_docker(target)
    lacking = [
        release.images[name]
        for name in sorted(intact)
        if docker.image_id(release.images[name]) is None
    ]
    if lacking:
        # Seldom needed: most stacks share a daemon.
        from webstack.cli.daemon import image_archives

        with reporter().step(f"Taking {len(lacking)} images to {target.stack}") as step:
            stack_daemon.use_daemon(source)
            there = image_archives.patient()
            stack_daemon.use_daemon(target)
            image_archives.copy(there, image_archives.patient(), lacking, step.at)
    return docker


def _need_images(
    source: StackSession, target: StackSession, state: StackState, docker: StackOnDocker
) -> None:
    for tag in changed_tags(state, state.releases()[-1], docker.image_id):
        if tag.now is None and not tag.kept:
            raise OpsError(
                f"the image {tag.reference} of {source.stack} is not on the daemon of "
                f"{target.stack}",
                f"nor on that of {source.stack}: `webstack up {source.stack}` makes it again",
            )
        raise OpsError(f"{source.stack} cannot be promoted: {tag.problem}", tag.way_out)
