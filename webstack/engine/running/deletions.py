"""Deletes the resources that are no longer wanted, in reverse order of dependency."""

from __future__ import annotations

import contextvars
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from webstack.engine.model.errors import EngineError
from webstack.engine.model.events import Diagnostic, Observer
from webstack.engine.model.state import ResourceState
from webstack.engine.model.steps import Step
from webstack.engine.planning import graph
from webstack.engine.planning.plan import plan_delete
from webstack.engine.running.executor import StepFailedError


def spare(
    condemned: Sequence[ResourceState], spared: Collection[str], resources: Sequence[ResourceState]
) -> tuple[ResourceState, ...]:
    """Remove from the condemned what is spared, and all that the spared ones need."""
    kept = set(spared) | graph.needs_of(spared, resources)
    return tuple(item for item in condemned if item.delete or item.urn not in kept)


def protected(condemned: Sequence[ResourceState]) -> tuple[ResourceState, ...]:
    """Return those that may not be deleted. Old halves of a finished replacement always may."""
    return tuple(item for item in condemned if item.protect and not item.delete)


def protection_error(resource: ResourceState) -> Diagnostic:
    """Return the message that says why a resource stays and how to delete it."""
    return Diagnostic(
        "error",
        f'resource "{resource.urn}" cannot be deleted\nbecause it is protected. To unprotect '
        "the resource, either remove the `protect` flag from the resource in your Pulumi "
        "program and run it again, or allow the loss of data with --allow-data-loss",
        resource.urn,
    )


class Deletions:
    """Deletes resources, each as soon as everything that needs it is gone."""

    def __init__(
        self,
        apply: Callable[[Step], ResourceState],
        observe: Observer,
        stopped: Callable[[], bool],
        parallel: int,
    ) -> None:
        self._apply = apply
        self._observe = observe
        self._stopped = stopped
        self._parallel = max(1, parallel)

    def run(self, condemned: Sequence[ResourceState]) -> bool:
        """Delete everything given; returns False when something could not be deleted.

        What a resource needs stays when the resource stays.
        """
        gone = {resource.urn for resource in condemned if not resource.delete}
        waiting = {item: len(on) for item, on in graph.blockers(condemned).items()}
        freed = _inverse(graph.blockers(condemned))
        running: dict[Future[ResourceState], ResourceState] = {}
        complete = True
        with ThreadPoolExecutor(self._parallel, thread_name_prefix="delete") as pool:
            ready = [item for item in reversed(condemned) if not waiting[item]]
            while ready or running:
                for item in ready:
                    if self._stopped():
                        complete = False
                        break
                    context = contextvars.copy_context()
                    step = plan_delete(item, gone)
                    running[pool.submit(context.run, self._apply, step)] = item
                ready = []
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    item = running.pop(future)
                    if not self._succeeded(future, item):
                        complete = False
                        continue
                    for needed in freed[item]:
                        waiting[needed] -= 1
                        if not waiting[needed]:
                            ready.append(needed)
        return complete

    def _succeeded(self, future: Future[ResourceState], resource: ResourceState) -> bool:
        try:
            future.result()
        except StepFailedError:
            return False
        except EngineError as error:
            self._observe(Diagnostic("error", str(error), resource.urn))
            return False
        return True


def _inverse(
    blockers: dict[ResourceState, set[ResourceState]],
) -> dict[ResourceState, list[ResourceState]]:
    freed: dict[ResourceState, list[ResourceState]] = {resource: [] for resource in blockers}
    for resource, waits_on in blockers.items():
        for other in waits_on:
            freed[other].append(resource)
    return freed
