"""Settles what a killed run left pending, before the next run begins.

The state names every operation that had begun and was not seen to end. Whether it took place is
asked of the provider, so that nothing is orphaned, made twice or forgotten.
"""

from __future__ import annotations

from msgspec.structs import replace

from webstack.engine.model.errors import EngineError
from webstack.engine.model.events import Diagnostic, Observer
from webstack.engine.model.provider import Instance, Provider, ProviderError
from webstack.engine.model.state import PendingOperation, ResourceState
from webstack.engine.model.values import for_provider
from webstack.engine.providers import calls
from webstack.engine.providers.registry import Providers
from webstack.engine.running.journal import Journal
from webstack.engine.running.refresh import taken_in
from webstack.engine.storage.checkpoint import now


def settle(journal: Journal, providers: Providers, observe: Observer) -> None:
    """Settle every pending operation; raises EngineError when one cannot be settled."""
    warn(journal, observe)
    for operation in journal.snapshot().operations:
        try:
            told = _Recovery(journal, providers, operation).settle()
        except ProviderError as error:
            urn = operation.resource.urn
            raise EngineError(
                f"{urn} was interrupted while {operation.type}, and what became of it cannot be "
                f"told: {error}"
            ) from error
        observe(Diagnostic("info", told, operation.resource.urn))


def warn(journal: Journal, observe: Observer) -> None:
    """Report that operations are pending, if any are."""
    operations = journal.snapshot().operations
    if operations:
        observe(Diagnostic("warning", _announcement(operations)))


def _announcement(operations: tuple[PendingOperation, ...]) -> str:
    lines = [
        "Attempting to deploy or update resources with "
        f"{len(operations)} pending operations from previous deployment."
    ]
    lines += [f"  * {item.resource.urn}, interrupted while {item.type}" for item in operations]
    return "\n".join(lines)


class _Recovery:
    """Settles one pending operation."""

    def __init__(self, journal: Journal, providers: Providers, operation: PendingOperation) -> None:
        self._journal = journal
        self._operation = operation
        self._resource = operation.resource
        self._provider = providers.serving(operation.resource)

    def settle(self) -> str:
        """Find out what became of it and record that in the state; returns a line about it."""
        kind = self._operation.type
        if self._provider is None or kind in ("reading", "importing"):
            self._journal.end(self._operation)
            return f"the interrupted {kind} begins anew"
        if kind == "creating":
            return self._created(self._provider)
        return self._changed(self._provider)

    def _created(self, provider: Provider) -> str:
        resource = self._resource
        inputs = for_provider(resource.inputs)
        found = provider.find(resource.type, resource.name, inputs)
        if found is None or self._known(found):
            self._journal.end(self._operation)
            return "nothing was left of the interrupted creation; it begins anew"
        if found.inputs is None:
            provider.delete(resource.type, found.id, inputs, found.outputs)
            self._journal.end(self._operation)
            return f"removed {found.id}, left half made by the interrupted creation"
        self._adopt(found)
        return f"adopted {found.id}, left behind by the interrupted creation"

    def _known(self, found: Instance) -> bool:
        """Tell whether what was found is in the state already, and is no new resource."""
        type_ = self._resource.type
        return any((item.type, item.id) == (type_, found.id) for item in self._journal.leftover())

    def _adopt(self, found: Instance) -> None:
        outputs = calls.sealed_outputs(self._resource, found.outputs)
        made = replace(self._resource, id=found.id, outputs=outputs, created=now(), modified=now())
        old = self._journal.old(made.urn)
        if old is None:
            self._journal.adopt(self._operation, made)
        elif old.pending_replacement:
            self._journal.adopt(self._operation, made, drop=old)
        else:
            self._journal.adopt(self._operation, made, mark=(old, replace(old, delete=True)))

    def _changed(self, provider: Provider) -> str:
        """Settle an update or a deletion: the state follows what is there now.

        An init error makes the next update act on the resource even if the program has gone
        back to what the state says.
        """
        entry = self._entry()
        if entry is None:
            self._journal.end(self._operation)
            return "the state no longer has it"
        instance = calls.read(provider, entry)
        if instance is None:
            self._journal.end(self._operation, drop=[entry])
            return "it is gone"
        note = f"interrupted while {self._operation.type}"
        seen = replace(taken_in(entry, instance), init_errors=(note,))
        self._journal.end(self._operation, swap={entry: seen})
        return f"{note}; taken up again as it is now"

    def _entry(self) -> ResourceState | None:
        """Return the state's entry of what was changed. The CLI begins an update without its id."""
        wanted = self._resource
        for item in self._journal.leftover():
            same = item.id == wanted.id if wanted.id else not item.delete
            if item.urn == wanted.urn and same:
                return item
        return None
