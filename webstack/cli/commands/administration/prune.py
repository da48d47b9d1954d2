"""`prune`: remove the images and static files of releases that are not kept, after saying which.

Or, when that is asked for, stacks whose time is over.
"""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from webstack.cli.backends import session_setup
from webstack.cli.backends.composition import CLI, StackSession, open_session
from webstack.cli.daemon.prune_selection import (
    PruneSelection,
    last,
    prunable_files,
    prunable_images,
    unknown_containers,
)
from webstack.cli.deployments import stack_daemon
from webstack.cli.environments.expiry import prune_expired
from webstack.cli.state.stack_state import StackState, opened
from webstack.cli.terminal import prompts
from webstack.cli.terminal.arguments import add_flag, add_shared, add_stack
from webstack.cli.terminal.errors import OpsError
from webstack.cli.terminal.tables import table
from webstack.contract import plain_text
from webstack.engine.operations import stacks
from webstack.engine.project import config

if TYPE_CHECKING:
    from webstack.cli.daemon.stored import Stored

HEADINGS = ("REMOVES", "WHAT")
SETTING = "webstack:releases"


def arguments(parser: ArgumentParser) -> None:
    """Add the command's words and options."""
    add_stack(parser)
    add_shared(parser, "--yes")
    add_flag(parser, "--expired", text="instead, stacks whose time is over, with all their data")


def run(options: Namespace) -> int:
    """Show what can go, and remove it when that is confirmed."""
    if options.expired:
        return prune_expired(options)
    from webstack.cli.daemon.stored import Stored

    session = session_setup.session_of(options)
    docker = Stored(stack_daemon.on_docker(session))
    found = _selected(session, docker)
    if not found:
        print("Nothing can go: all images and static files are in use or of releases kept.")
        return 0
    print(table(HEADINGS, list(_rows(found))), flush=True)
    if not options.yes and not prompts.agreed_to_remove("Remove this?"):
        return prompts.DECLINED
    with _locked(session):
        # What was shown and is still so: another run may have ended meanwhile.
        going = found.within(_selected(session, docker))
        docker.remove_static_files(going.files)
        kept = [image for image in going.images if not docker.remove_image(image)]
    gone = len(going.images) - len(kept)
    print(f"Removed {gone} images and {len(going.files)} static files.")
    return 0


def _selected(session: StackSession, docker: Stored) -> PruneSelection:
    needed: set[str] = set()
    containers: set[str] = set()
    for stack in _sessions(session):
        state = StackState(stack.records.export())
        containers |= state.containers()
        needed |= state.images()
        for release in last(state.releases(), _kept(stack, state)):
            needed |= set(release.images.values())
    _refuse_strangers(unknown_containers(docker.containers(), containers))
    images = prunable_images(docker.images(), needed)
    return PruneSelection(tuple(images), tuple(_files(session, docker)))


def _refuse_strangers(names: Sequence[str]) -> None:
    """Raise OpsError where another checkout or another backend has something on this daemon."""
    if names:
        raise OpsError(
            f"no state here knows {', '.join(names)}: the images and files of their releases "
            "might go",
            "prune where they were deployed, or `docker rm -f` what nobody needs",
        )


def _files(session: StackSession, docker: Stored) -> Iterator[str]:
    present = docker.static_files()
    if present:
        state = StackState(session.records.export(show_secrets=True))
        records = state.records()
        kept = last(state.releases(), _kept(session, state))
        yield from prunable_files(
            present, [opened(records[release.number])["static"] for release in kept]
        )


def _sessions(session: StackSession) -> Iterator[StackSession]:
    """Open all stacks of the project, since they share images."""
    yield session
    for name in session.records.stacks():
        if name != session.stack:
            yield open_session(name, session.choice.engine, session.project.root, os.environ)


def _kept(session: StackSession, state: StackState) -> int:
    """Return how many releases are kept, as the settings say now or the last release has it."""
    values = config.read_settings(session.project, session.stack).values
    value = str(values.get(SETTING, state.keeps))
    if not value.isdecimal() or not int(value):
        raise OpsError(f"{SETTING} of {session.stack}: {value} is not a number of releases")
    return int(value)


def _locked(session: StackSession) -> ExitStack:
    """Keep other runs off all stacks; with the CLI on another backend than files nothing can."""
    locks = ExitStack()
    url = session.project.environ.get("PULUMI_BACKEND_URL") or session.project.backend_url
    if session.choice.engine == CLI and not url.startswith("file:"):
        return locks
    try:
        for each in _sessions(session):
            locks.enter_context(stacks.held(each.project, each.stack, _notice))
    except BaseException:
        locks.close()
        raise
    return locks


def _rows(found: PruneSelection) -> Iterator[tuple[str, str]]:
    yield from (("image", image) for image in found.images)
    services = Counter(Path(name).parts[0] for name in found.files)
    for service, count in sorted(services.items()):
        yield f"{count} static files", f"of {service}"


def _notice(text: str) -> None:
    print(plain_text.block(text), file=sys.stderr)
