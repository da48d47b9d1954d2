"""`preview`: show what `up` would do, to whoever asks, reviews, or plans."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser, Namespace
from contextlib import suppress
from functools import partial
from pathlib import Path

from msgspec.structs import replace

from webstack.cli.backends import session_setup
from webstack.cli.backends.composition import StackSession, identified
from webstack.cli.backends.scratch_state import scratch_session
from webstack.cli.deployments import stack_daemon
from webstack.cli.plans import files as plans
from webstack.cli.plans.dry_run import DryRun, Look, dry_run
from webstack.cli.review import markdown
from webstack.cli.review.text import closing_words
from webstack.cli.settled import recording
from webstack.cli.terminal.arguments import add_flag, add_stack, add_update_options
from webstack.cli.terminal.errors import OpsError, failed_preview
from webstack.cli.terminal.json_text import json_text
from webstack.contract.bounded_files import UnreadableError, read_any
from webstack.engine.model import urn as urns
from webstack.engine.model.errors import EngineError

_LARGEST_STATE = 2**28


def arguments(parser: ArgumentParser) -> None:
    """Add the command's words and options."""
    add_stack(parser)
    add_update_options(parser)
    parser.add_argument("--save", type=Path, metavar="FILE", help="write a plan for `up --plan`")
    parser.add_argument(
        "--against", type=Path, metavar="FILE", help="an exported state, in place of the stack's"
    )
    add_flag(parser, "--build", text="build the images that change; a review shows what they hold")
    form = parser.add_mutually_exclusive_group()
    add_flag(form, "--json", "-j", text="print the plan as `pulumi preview --json` does")
    add_flag(form, "--markdown", text="print what to write below a pull request")


def run(options: Namespace) -> int:
    """Show what `up` would do; starts no Docker daemon, since nothing is to change."""
    try:
        return _previewed(options)
    except (OpsError, EngineError) as error:
        if options.json:
            _tell_programs(error, options)
        raise


def _tell_programs(error: Exception, options: Namespace) -> None:
    """Put it below the pull request too, where an earlier verdict would stand on otherwise."""
    with suppress(EngineError):
        project, stack = identified(options.stack, options.cwd, os.environ)
        urn = urns.stack_urn(stack, project.name)
        print(json_text(failed_preview(urn, error), indent=4))


def _previewed(options: Namespace) -> int:
    with recording.observed(options) as observation:
        session = session_setup.announced(options)
        answers = stack_daemon.use_daemon(session)
        look = _look(session, options, answers=answers)
        if options.against:
            with scratch_session(session, _exported(options.against)) as copy:
                return _told(copy, options, _foreseen(copy, options, look))
        session.runner.ensure_stack()
        if answers:
            observation.look(session)
        foreseen = _foreseen(session, options, look)
    code = _told(session, options, foreseen)
    if answers and code == 0:
        observation.keep(session, foreseen)
    return code


def _look(session: StackSession, options: Namespace, *, answers: bool) -> Look | None:
    """Give what looks at images, for whom that is shown to; raises OpsError without a daemon."""
    if options.build and not answers:
        raise OpsError("no Docker daemon answers, so nothing can be built", "leave out --build")
    if not answers or not (options.build or options.json or options.markdown):
        return None
    # Only a review needs it.
    from webstack.cli.deployments import image_looks

    return partial(image_looks.look, session, build=options.build)


def _foreseen(session: StackSession, options: Namespace, look: Look | None) -> DryRun:
    chosen = replace(session_setup.run_options(options), quiet=options.json or options.markdown)
    return dry_run(session, chosen, look, loss_allowed=options.allow_data_loss)


def _told(session: StackSession, options: Namespace, foreseen: DryRun) -> int:
    allowed, chosen = options.allow_data_loss, session_setup.run_options(options)
    code = foreseen.code(allowed=allowed)
    if options.save and code == 0:
        plans.save(options.save, plans.taken(session, chosen, foreseen, loss_allowed=allowed))
    elif options.save:
        print("No plan was saved, since it could not be carried out.", file=sys.stderr)
    if options.json:
        print(json_text(foreseen.plan.document, indent=4))
    elif options.markdown:
        print(markdown.comment(foreseen.review), end="")
    else:
        print(closing_words(foreseen.review))
    return code


def _exported(file: Path) -> str:
    try:
        return read_any(file, _LARGEST_STATE).decode()
    except (OSError, UnreadableError, UnicodeDecodeError) as error:
        raise OpsError(
            f"cannot read the state {file}: {error}", "write one with `webstack stack export`"
        ) from None
