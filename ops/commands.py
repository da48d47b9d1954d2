"""The use cases that change something: each gathers, asks where it must, acts and sums up."""

from __future__ import annotations

import json
import os
import sys
import time
from argparse import Namespace
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from engine import urn as urns
from engine.errors import EngineError
from ops import environments, looking, promotion, prune, records, releases, summary
from ops.asking import DECLINED, asks, confirmed
from ops.backends import Session, identified, open_session
from ops.docker_engine import ensure_engine
from ops.errors import OpsError, failed_preview
from ops.foresight import Foresight, foresee, protected, refuse_data_loss
from ops.plans import files as plans
from ops.plans.plan import SavedPlan
from ops.progress import reporter
from ops.review import markdown
from ops.review.text import closing_words
from ops.runner import Options, Plan
from ops.shadow import shadow


def up(options: Namespace) -> int:
    """Bring the machine to what the program declares, and show what serves where."""
    began = time.monotonic()
    planned = plans.load(options.plan) if options.plan else None
    session = _session(options)
    session.runner.ensure_stack()
    wanted, asked = _wanted(options), asks(options)
    looking_ahead = replace(wanted, quiet=not asked, expect_no_changes=False)
    foreseen = foresee(session, looking_ahead, loss_allowed=options.allow_data_loss)
    refuse_data_loss(foreseen.lost, options, "keep the service and its setting data")
    if planned:
        plans.require_unmoved(options.plan, planned, _planned(session, options, foreseen))
    if asked or foreseen.plan.changes:
        print(closing_words(foreseen.review), flush=True)
    if asked:
        code = _agreed(foreseen.plan, f"Perform this update of {session.stack}?")
        if code:
            return code
    if foreseen.lost:
        session.runner.unprotect(foreseen.lost)
    if foreseen.plan.settled and not wanted.refresh:
        code = 0
        print(f"Nothing to change: {foreseen.plan.unchanged} resources are as declared.")
    else:
        code = session.runner.up(wanted)
    if code == 0:
        seconds = time.monotonic() - began
        print(summary.of_up(session.stack, session.records.outputs(), seconds), flush=True)
    return code


def promote(options: Namespace) -> int:
    """Deploy the very images that another stack runs, with this stack's own settings."""
    with promotion.handed_over(options):
        return up(options)


def preview(options: Namespace) -> int:
    """Show what `up` would do; starts no engine, since nothing is to change."""
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
        print(json.dumps(failed_preview(urn, error), indent=4, ensure_ascii=False))


def _previewed(options: Namespace) -> int:
    session = _opened(options)
    engine = looking.use_engine()
    sizes = looking.image_sizes(session) if engine and options.markdown else {}
    if options.against:
        with shadow(session, _exported(options.against)) as copy:
            return _preview(copy, options, sizes)
    session.runner.ensure_stack()
    return _preview(session, options, sizes)


def _preview(session: Session, options: Namespace, sizes: Mapping[str, int]) -> int:
    wanted = replace(_wanted(options), quiet=options.json or options.markdown)
    foreseen = foresee(session, wanted, sizes, loss_allowed=options.allow_data_loss)
    code = foreseen.code(allowed=options.allow_data_loss)
    if options.save and code == 0:
        plans.save(options.save, _planned(session, options, foreseen))
    elif options.save:
        print("No plan was saved, since it could not be carried out.", file=sys.stderr)
    if options.json:
        print(json.dumps(foreseen.plan.document, indent=4, ensure_ascii=False))
    elif options.markdown:
        print(markdown.comment(foreseen.review), end="")
    else:
        print(closing_words(foreseen.review))
    return code


def _exported(file: Path) -> str:
    try:
        return file.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise OpsError(f"cannot read the state {file}: {error}") from None


def comment(options: Namespace) -> int:
    """Print a recorded preview as a comment, or post it."""
    from ops.commenting import comment  # no other command needs HTTP

    return comment(options)


def refresh(options: Namespace) -> int:
    """Bring the state to what the machine has."""
    session = _session(options)
    if asks(options) and not confirmed(f"Refresh the state of {session.stack}?"):
        return DECLINED
    return session.runner.refresh(_wanted(options))


def destroy(options: Namespace) -> int:
    """Take away all that the stack made; its data only when that is said."""
    session = _session(options)
    if not options.exclude_protected and not options.target:
        way_out = "leave it with --exclude-protected"
        refuse_data_loss(protected(session), options, way_out)
    return _destroy(session, options, _wanted(options))


def down(options: Namespace) -> int:
    """Take the stack away and say what is left of it; its data goes only when that was asked."""
    session = _session(options)
    code = _destroy(session, options, Options(exclude_protected=True, parallel=options.parallel))
    if code == 0:
        print(summary.of_down(session.stack, looking.leftovers(session)), flush=True)
    return code


def cancel(options: Namespace) -> int:
    """Remove the locks that an ended run left."""
    session = _opened(options)
    session.runner.cancel()
    print(f"No lock is left on {session.stack}.")
    return 0


def _destroy(session: Session, options: Namespace, wanted: Options) -> int:
    data = getattr(options, "data", False) or getattr(options, "allow_data_loss", False)
    if asks(options):
        question = f"Destroy {session.stack}{' and all its data' if data else ''}?"
        code = _agreed(session.runner.preview_destroy(wanted), question)
        if code:
            return code
    if data:
        session.runner.unprotect()
    return session.runner.destroy(wanted)


def _planned(session: Session, options: Namespace, foreseen: Foresight) -> SavedPlan:
    return plans.taken(
        session,
        _wanted(options),
        foreseen.document,
        foreseen.review.verdict,
        loss_allowed=options.allow_data_loss,
    )


def _session(options: Namespace) -> Session:
    """Open the stack, with a Docker engine at hand for whatever runs the program."""
    session = _opened(options)
    ensure_engine(session.project.root, reporter())
    return session


def _opened(options: Namespace) -> Session:
    """Open the stack, and say what runs the program."""
    session = open_session(options.stack, options.engine, options.cwd, os.environ)
    print(f"{session.stack}: run by {session.choice}", file=sys.stderr, flush=True)
    return session


def _wanted(options: Namespace) -> Options:
    given = vars(options)
    return Options(
        targets=tuple(given.get("target") or ()),
        replace=tuple(given.get("replace") or ()),
        **{
            name: given[name]
            for name in (
                "target_dependents",
                "refresh",
                "diff",
                "expect_no_changes",
                "exclude_protected",
                "parallel",
            )
            if name in given
        },
    )


def _agreed(plan: Plan, question: str) -> int:
    if plan.code:
        return plan.code
    if plan.changes and not confirmed(question):
        return DECLINED
    return 0


COMMANDS: dict[str, Callable[[Namespace], int]] = {
    "up": up,
    "promote": promote,
    "preview": preview,
    "refresh": refresh,
    "destroy": destroy,
    "down": down,
    "cancel": cancel,
    "rollback": releases.rollback,
    "releases": releases.releases,
    "prune": prune.prune,
    "comment": comment,
    "outputs": records.outputs,
    "history": records.history,
    "config": records.config,
    "stack": records.stack,
    "env": records.env,
    "status": looking.status,
    "logs": looking.logs,
    "doctor": looking.doctor,
    "drift": looking.drift,
    "diff": environments.diff,
}
