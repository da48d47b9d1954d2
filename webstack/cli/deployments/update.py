"""Brings a stack to what its program declares: previewed, agreed to, done, and looked at."""

from __future__ import annotations

import time
from argparse import Namespace

from msgspec.structs import replace

from webstack.cli.backends import session_setup
from webstack.cli.backends.composition import StackSession
from webstack.cli.backends.runner import PreviewResult
from webstack.cli.deployments import stack_health
from webstack.cli.plans import files as plans
from webstack.cli.plans.dry_run import dry_run, refuse_data_loss
from webstack.cli.review.text import closing_words
from webstack.cli.settled import recording
from webstack.cli.terminal import summary
from webstack.cli.terminal.prompts import DECLINED, asks, confirmed

_KEEP_IT = (
    "keep it by naming the service in webstack:kept; a server by settings of its own, such as "
    "webstack:postgres: {}"
)


def update(options: Namespace) -> int:
    """Bring the machine to what the program declares, and show what serves where."""
    began = time.monotonic()
    planned = plans.load(options.plan) if options.plan else None
    with recording.observed(options) as observation:
        session = session_setup.announced_with_daemon(options)
        session.runner.ensure_stack()
        observation.look(session)
        chosen, asked = session_setup.run_options(options), asks(options)
        looking_ahead = replace(chosen, quiet=not asked, expect_no_changes=False)
        foreseen = dry_run(session, looking_ahead, loss_allowed=options.allow_data_loss)
    refuse_data_loss(foreseen.lost, options, _KEEP_IT)
    if planned:
        now = plans.taken(session, chosen, foreseen, loss_allowed=options.allow_data_loss)
        plans.require_unmoved(options.plan, planned, now)
    if asked or foreseen.plan.changes:
        print(closing_words(foreseen.review), flush=True)
    if asked:
        code = agreed(foreseen.plan, f"Perform this update of {session.stack}?")
        if code:
            return code
    if going := (*foreseen.lost, *foreseen.unwritten):
        session.runner.unprotect(going)
    if foreseen.plan.settled and not chosen.refresh:
        code = 0
        print(summary.nothing_to_change(foreseen.plan.unchanged))
    else:
        code = session.runner.up(chosen)
    if code == 0:
        code = stack_health.report(stack_health.faults(session))
    if code == 0 and not foreseen.plan.settled:
        _copy(session)
    if code == 0:
        observation.keep(session, foreseen)
        seconds = time.monotonic() - began
        print(summary.of_up(session.stack, session.records.outputs(), seconds), flush=True)
    return code


def _copy(session: StackSession) -> None:
    """Put a copy of the stack beside its backups, where there are any."""
    # Not needed where nothing changes, and it takes its time to load.
    from webstack.cli.deployments import stack_copies

    stack_copies.put_where_wanted(session)


def agreed(plan: PreviewResult, question: str) -> int:
    """Ask where something would change; gives the exit code that keeps it from being done, or 0."""
    if plan.code:
        return plan.code
    if plan.changes and not confirmed(question):
        return DECLINED
    return 0
