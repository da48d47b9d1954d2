"""The commands that change what runs: each gathers, asks where it must, acts and sums up."""

from __future__ import annotations

import time
from argparse import Namespace

from msgspec.structs import replace

from webstack.cli.backends.composition import Session
from webstack.cli.backends.runner import Options, Plan
from webstack.cli.backends.session_setup import opened, opened_with_engine, wanted
from webstack.cli.commands import looking
from webstack.cli.plans import files as plans
from webstack.cli.plans.dry_run import foresee, protected, refuse_data_loss
from webstack.cli.review.text import closing_words
from webstack.cli.terminal import summary
from webstack.cli.terminal.prompts import DECLINED, asks, confirmed


def up(options: Namespace) -> int:
    """Bring the machine to what the program declares, and show what serves where."""
    began = time.monotonic()
    planned = plans.load(options.plan) if options.plan else None
    session = opened_with_engine(options)
    session.runner.ensure_stack()
    chosen, asked = wanted(options), asks(options)
    looking_ahead = replace(chosen, quiet=not asked, expect_no_changes=False)
    foreseen = foresee(session, looking_ahead, loss_allowed=options.allow_data_loss)
    refuse_data_loss(foreseen.lost, options, "keep it by naming the service in webstack:kept")
    if planned:
        now = plans.taken(session, chosen, foreseen, loss_allowed=options.allow_data_loss)
        plans.require_unmoved(options.plan, planned, now)
    if asked or foreseen.plan.changes:
        print(closing_words(foreseen.review), flush=True)
    if asked:
        code = _agreed(foreseen.plan, f"Perform this update of {session.stack}?")
        if code:
            return code
    if foreseen.lost:
        session.runner.unprotect(foreseen.lost)
    if foreseen.plan.settled and not chosen.refresh:
        code = 0
        print(f"Nothing to change: {foreseen.plan.unchanged} resources are as declared.")
    else:
        code = session.runner.up(chosen)
    if code == 0:
        code = looking.told(looking.faults(session))
    if code == 0:
        seconds = time.monotonic() - began
        print(summary.of_up(session.stack, session.records.outputs(), seconds), flush=True)
    return code


def refresh(options: Namespace) -> int:
    """Bring the state to what the machine has."""
    session = opened_with_engine(options)
    if asks(options) and not confirmed(f"Refresh the state of {session.stack}?"):
        return DECLINED
    return session.runner.refresh(wanted(options))


def destroy(options: Namespace) -> int:
    """Take away all that the stack made; its data only when that is said."""
    session = opened_with_engine(options)
    if not options.exclude_protected and not options.target:
        way_out = "leave it with --exclude-protected"
        refuse_data_loss(protected(session), options, way_out)
    return _destroy(session, options, wanted(options))


def down(options: Namespace) -> int:
    """Take the stack away and say what is left of it; its data goes only when that was asked."""
    session = opened_with_engine(options)
    code = _destroy(session, options, Options(exclude_protected=True, parallel=options.parallel))
    if code == 0:
        print(summary.of_down(session.stack, looking.leftovers(session)), flush=True)
    return code


def cancel(options: Namespace) -> int:
    """Remove the locks that an ended run left."""
    session = opened(options)
    session.runner.cancel()
    print(f"No lock is left on {session.stack}.")
    return 0


def _destroy(session: Session, options: Namespace, chosen: Options) -> int:
    data = getattr(options, "data", False) or getattr(options, "allow_data_loss", False)
    if asks(options):
        question = f"Destroy {session.stack}{' and all its data' if data else ''}?"
        code = _agreed(session.runner.preview_destroy(chosen), question)
        if code:
            return code
    if data:
        session.runner.unprotect()
    return session.runner.destroy(chosen)


def _agreed(plan: Plan, question: str) -> int:
    if plan.code:
        return plan.code
    if plan.changes and not confirmed(question):
        return DECLINED
    return 0
