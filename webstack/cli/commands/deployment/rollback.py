"""`rollback`: bring an earlier release back as a whole, without building anything."""

from __future__ import annotations

import sys
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING

from webstack.cli.backends import session_setup
from webstack.cli.backends.composition import StackSession
from webstack.cli.backends.program_input import release_as_input
from webstack.cli.backends.runner import OperationOptions
from webstack.cli.daemon.overwritten_images import changed_tags
from webstack.cli.deployments import stack_daemon, stack_health
from webstack.cli.review.migrations import missing
from webstack.cli.review.model import Migration
from webstack.cli.state.stack_state import StackState, Summary, opened, released
from webstack.cli.terminal import prompts
from webstack.cli.terminal.arguments import add_flag, add_shared, add_stack_option
from webstack.cli.terminal.errors import OpsError
from webstack.cli.terminal.tables import local_time
from webstack.contract import plain_text

if TYPE_CHECKING:
    from webstack.cli.daemon.containers import StackOnDocker

ANNOUNCED = 20
"""Seconds that the reload of a rollback is ahead at most; it then need not wait for clients."""


def arguments(parser: ArgumentParser) -> None:
    """Add the command's words and options."""
    parser.add_argument(
        "words", nargs="*", metavar="[N] [STACK]", help="which release, of which stack"
    )
    add_stack_option(parser)
    add_shared(parser, "--yes", "--parallel")
    add_flag(parser, "--despite-migrations", text="although its code cannot run on the database")


def run(options: Namespace) -> int:
    """Bring a release back as a whole, without building anything."""
    began = time.monotonic()
    number, options.stack = _told_apart(options)
    session = session_setup.announced_with_daemon(options)
    state = StackState(session.records.export(show_secrets=True))
    docker = stack_daemon.on_docker(session)
    target = chosen(session.stack, state.releases(), number)
    _need_images(session.stack, docker, state, target)
    now = state.releases()[-1].number
    known = state.records()
    _look_at_migrations(session.stack, target, _migrations(known, now, target.number), options)
    question = f"Go back from release {now} of {session.stack} to release {_told(target)}?"
    if prompts.asks(options) and not prompts.confirmed(question):
        return prompts.DECLINED
    given = release_as_input(known[target.number], state.kept(), known[now])
    with given, ThreadPoolExecutor(1) as meanwhile:
        if _reloads(known, now, target.number):
            meanwhile.submit(docker.announce_reload, ANNOUNCED)
        code = session.runner.up(OperationOptions(parallel=options.parallel))
    if code == 0:
        code = stack_health.report(stack_health.faults(session))
    if code == 0:
        seconds = time.monotonic() - began
        print(f"\n{_done(session, now, target)} after {seconds:.1f} s.", flush=True)
    return code


def chosen(stack: str, known: Sequence[Summary], number: int | None) -> Summary:
    """Choose the release to bring back: as named, else the one before the one in force.

    One that came back stands where it stood first, so that a second rollback goes further back.
    """
    if not known:
        raise OpsError(f"{stack} has no release yet", "`webstack up` makes one")
    newest, oldest = known[-1], known[0]
    if number is None:
        earlier = [item for item in known if item.number < newest.first]
        if not earlier:
            raise OpsError(
                f"no release before {newest.first} of {stack} is kept",
                "`webstack releases` lists them, and `webstack up` goes forward",
            )
        return earlier[-1]
    for item in known:
        if item.number == number:
            return item
    if 0 < number < oldest.number:
        raise OpsError(
            f"release {number} of {stack} is not kept any more, the oldest is {oldest.number}",
            "the setting webstack:releases says how many are",
        )
    raise OpsError(
        f"{stack} has no release {number}, the last is {newest.number}",
        "`webstack releases` lists them",
    )


def _reloads(records: Mapping[int, str], now: int, target: int) -> bool:
    """Tell whether nginx gets another configuration, if this version can read the records."""
    with suppress(LookupError, TypeError):
        before, after = opened(records[now]), opened(records[target])
        return bool(before["configuration"] != after["configuration"])
    return False


def _migrations(records: Mapping[int, str], now: int, target: int) -> list[Migration]:
    """Give the migrations that the release in force has and the target lacks."""
    with suppress(LookupError, TypeError, ValueError):
        return list(missing(released(records[now]), released(records[target])))
    return []


def _look_at_migrations(
    stack: str, target: Summary, found: Sequence[Migration], options: Namespace
) -> None:
    """Name the migrations that stay; raises OpsError for those that its code cannot run on."""
    for each in found:
        told = plain_text.line(f"{each.service}: {each.path} stays: {each.words}")
        print(told, file=sys.stderr, flush=True)
    refusing = [each for each in found if each.refuses]
    if refusing and not options.despite_migrations:
        names = ", ".join(sorted({each.path.rpartition("/")[2] for each in refusing}))
        raise OpsError(
            plain_text.line(
                f"release {target.number} of {stack} cannot run on the database: {names}"
            ),
            "go forward, bring the data of then back (`webstack restore --to`), or say "
            "--despite-migrations",
        )


def _need_images(stack: str, docker: StackOnDocker, state: StackState, target: Summary) -> None:
    for tag in changed_tags(state, target, docker.image_id):
        raise OpsError(
            f"release {target.number} of {stack} cannot come back: {tag.problem}",
            tag.way_out if tag.kept else "`webstack releases` lists others",
        )


def _done(session: StackSession, before: int, target: Summary) -> str:
    now = session.records.outputs().get("release", before)
    if int(now) == before:
        return f"{session.stack}: release {before} is what was asked for, and it is in force"
    return f"{session.stack} is back at release {target.number}, as release {int(now)},"


def _told(item: Summary) -> str:
    commit = f", {item.commit[:12]}" if item.commit else ""
    return f"{item.number} ({local_time(item.time)}{commit})"


def _told_apart(options: Namespace) -> tuple[int | None, str | None]:
    """Tell the number from the stack: `rollback 4 production`, in either order."""
    words: list[str] = list(options.words)
    numbers = [word for word in words if word.isdecimal()]
    stacks = [word for word in words if not word.isdecimal()]
    if len(numbers) > 1 or len(stacks) > 1 or (stacks and options.stack):
        raise OpsError(
            f"{' '.join(words)}: one release and one stack at most",
            "webstack rollback 4 production",
        )
    if numbers and len(numbers[0]) > 9:
        raise OpsError("there is no such release", "`webstack releases` lists them")
    return int(numbers[0]) if numbers else None, options.stack or (stacks[0] if stacks else None)
