"""Runs the program against a session, with this process as its engine."""

from __future__ import annotations

import contextvars
from collections.abc import Callable
from functools import partial

from webstack.engine.model.errors import ProgramError
from webstack.engine.program import program
from webstack.engine.running.default_providers import DefaultProviders
from webstack.engine.running.invokes import Invokes
from webstack.engine.running.secret_texts import SecretTexts
from webstack.engine.running.session import RunSession

# Registrations wait in threads for what others do, so there must be many more than work at once.
_THREADS_PER_WORKER = 4
_LEAST_THREADS = 32


def evaluate(session: RunSession, after: Callable[[bool], None]) -> None:
    """Run the program, then ``after`` with whether it came to its end, in the SDK's context."""
    contextvars.copy_context().run(_evaluate, session, after)


def _evaluate(session: RunSession, after: Callable[[bool], None]) -> None:
    from webstack.engine.program.monitor import Engine, Monitor
    from webstack.engine.sdk import sdk
    from webstack.engine.sdk.callbacks import Callbacks

    deployment = session.deployment
    conclusion = _Conclusion(after)
    callbacks = Callbacks()
    defaults = DefaultProviders(deployment, session.config)
    invokes = Invokes(deployment, defaults, session.providers)
    secrets = SecretTexts(session.config.secret_texts)
    project = session.stack.project
    sdk.enter(
        sdk.Surroundings(
            project=project.name,
            stack=session.stack.name,
            root=str(project.root),
            preview=session.preview,
            parallel=session.parallel,
            monitor=Monitor(deployment, defaults, invokes, secrets, callbacks, conclusion.draw),
            engine=Engine(session.record),
            config=session.config.values,
            secret_keys=session.config.secret_keys,
        )
    )
    workers = max(_LEAST_THREADS, _THREADS_PER_WORKER * session.parallel)
    conclusion.context = contextvars.copy_context()
    try:
        program.run(project, partial(sdk.run, workers=workers))
        conclusion.draw()
    except ProgramError as error:
        # A stopped run ends its program by failing its registrations: that is no news.
        if not deployment.stopped:
            deployment.fail(str(error))
        conclusion.draw(complete=False)
    finally:
        callbacks.close()
    conclusion.settle()


class _Conclusion:
    """Calls once what comes after the program: while it still serves calls, or when it failed."""

    def __init__(self, after: Callable[[bool], None]) -> None:
        self.context = contextvars.Context()
        self._after = after
        self._drawn = False
        self._failure: Exception | None = None

    def draw(self, *, complete: bool = True) -> None:
        """Call it unless that is done. Its error is kept from the program."""
        if self._drawn:
            return
        self._drawn = True
        try:
            self.context.run(self._after, complete)
        except Exception as error:
            self._failure = error

    def settle(self) -> None:
        """Raise the error that was kept, if there was one."""
        if self._failure is not None:
            raise self._failure
