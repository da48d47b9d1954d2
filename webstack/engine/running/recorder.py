"""Records a run's events on their way to the observer, which receives one at a time."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Final

from webstack.engine.model.events import Diagnostic, Event, Observer, StepDone, StepFailed
from webstack.engine.model.steps import Op, Step
from webstack.engine.model.values import plain
from webstack.engine.planning.plan import news

_UNCOUNTED: Final = frozenset(
    {
        Op.CREATE_REPLACEMENT,
        Op.DELETE_REPLACED,
        Op.DISCARD_REPLACED,
        Op.READ_REPLACEMENT,
        Op.IMPORT_REPLACEMENT,
        Op.REMOVE_PENDING_REPLACE,
    }
)
_UNCHANGING: Final = frozenset({Op.SAME, Op.READ, Op.REFRESH, Op.READ_DISCARD})


class Recorder:
    """Counts and keeps events, and passes each on to another observer."""

    def __init__(self, observe: Observer) -> None:
        self._observe = observe
        self._lock = threading.Lock()
        self.counts: Counter[str] = Counter()
        self.steps: list[Step] = []
        self.diagnostics: list[Diagnostic] = []
        self.changed = False
        self._failed: set[str] = set()

    def __call__(self, event: Event) -> None:
        """Record an event and pass it on."""
        with self._lock:
            if isinstance(event, StepDone):
                self._count(event.step)
            elif isinstance(event, Diagnostic) and not event.ephemeral:
                if event.severity == "error":
                    if event in self.diagnostics:
                        return  # one that lasts, such as a full disk, is said once
                    self._failed.add(event.urn)
                self.diagnostics.append(event)
            elif isinstance(event, StepFailed):
                self._failed.add(event.step.urn)
            self._observe(event)

    @property
    def errored(self) -> int:
        """Return how many resources have an error; the run itself counts as one."""
        return len(self._failed)

    def _count(self, step: Step) -> None:
        self.steps.append(step)
        if step.resource.is_default_provider:
            return
        self.changed = self.changed or step.op not in _UNCHANGING
        if step.op not in _UNCOUNTED and (step.op is not Op.READ or _has_news(step)):
            self.counts[step.op.value] += 1


def _has_news(read: Step) -> bool:
    """Tell whether a resource that is only read has changed since; the CLI counts it only then."""
    if read.old is None or read.new is None:
        return False
    return bool(news(plain(read.old.outputs), plain(read.new.outputs)))
