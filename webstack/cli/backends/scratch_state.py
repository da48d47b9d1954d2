"""Copies a stack's state to try things on; the copy is gone afterwards."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from webstack.cli.backends.composition import StackSession, open_session
from webstack.cli.backends.pulumi_environment import BACKEND


@contextmanager
def scratch_session(session: StackSession, exported: str | None = None) -> Iterator[StackSession]:
    """Open the same stack, run by the same engine, on a copy of its state, or on one given."""
    with tempfile.TemporaryDirectory(prefix="webstack-") as folder:
        environ = {**session.project.environ, BACKEND: f"file://{folder}"}
        root, engine = session.project.root, session.choice.engine
        copy = open_session(session.stack, engine, root, environ)
        copy.records.create()
        copy.records.import_(session.records.export() if exported is None else exported)
        yield copy
