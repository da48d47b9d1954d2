"""Whose the volumes on the Docker daemon are: what the program is told, what is never deleted."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from typing import Protocol

import msgspec

from webstack.cli.backends.runner import Records
from webstack.cli.state.stack_state import VOLUME, StackState
from webstack.cli.terminal.errors import OpsError
from webstack.contract.ownership import Labels, Ours
from webstack.contract.variables import CLAIMING
from webstack.engine.model.errors import EngineError

_STAYS = "stays: it is not this state's"
_TAKEN = "was another state's: it is taken over where a service has it, and stays in any case"
_EMPTY = '{"deployment": {}}'


class Watch(Protocol):
    """Defines what a runner asks before it runs the program, or deletes anything."""

    def claiming(
        self, *, adopt: bool, state: StackState | None = None
    ) -> AbstractContextManager[None]:
        """Tell the program what the state has, and whether to take what others have.

        The state is read unless it is given.
        """

    def spare(self, *, adopt: bool = False) -> None:
        """Have the state let go of what is another's, before anything is deleted."""

    def make_way(self) -> None:
        """Remove what another state runs where the volumes shall be this one's."""


class Unwatched:
    """Watches nothing: for a daemon that nobody else uses."""

    def claiming(
        self, *, adopt: bool, state: StackState | None = None
    ) -> AbstractContextManager[None]:
        """Tell nothing."""
        return nullcontext()

    def spare(self, *, adopt: bool = False) -> None:
        """Let go of nothing."""

    def make_way(self) -> None:
        """Remove nothing."""


UNWATCHED = Unwatched()


class Guard(msgspec.Struct, frozen=True):
    """Stands between a stack's runner and what others have on the daemon."""

    project: str
    stack: str
    records: Records
    environ: MutableMapping[str, str]

    @contextmanager
    def claiming(self, *, adopt: bool, state: StackState | None = None) -> Iterator[None]:
        """Tell the program what the state has, and whether to take what others have.

        The state is read unless it is given.
        """
        claim = {"known": sorted((state or self._state()).volumes()), "adopt": adopt}
        places = (os.environ, self.environ)
        for place in places:
            place[CLAIMING] = json.dumps(claim)
        try:
            yield
        finally:
            for place in places:
                place.pop(CLAIMING, None)

    def spare(self, *, adopt: bool = False) -> None:
        """Have the state let go of volumes that are another's, before anything is deleted.

        With ``adopt`` the program takes those of them that it declares, later.
        """
        state = self._state()
        recorded = state.volumes()
        if not recorded:
            return
        identity, taken = state.owner()
        ours = Ours(self._labels, identity, taken, frozenset(recorded))
        present = self._on_daemon(recorded)
        foreign = {name for name, labels in present.items() if not ours.owns(name, labels)}
        if foreign:
            exported = self.records.export()
            self.records.import_(released(exported, foreign))
            for name in sorted(foreign):
                print(f"The volume {name} {_TAKEN if adopt else _STAYS}.", file=sys.stderr)

    def make_way(self) -> None:
        """Remove the stack's containers and networks that the state does not know: volumes stay."""
        from webstack.cli.daemon.containers import StackOnDocker

        for name in StackOnDocker(self.project, self.stack).remove_others(self._state().all_ids()):
            print(f"Removed {name}, which was another state's.", file=sys.stderr)

    @property
    def _labels(self) -> Labels:
        return {"webstack.project": self.project, "webstack.stack": self.stack}

    def _state(self) -> StackState:
        """Return what is recorded; nothing where there is no stack yet, or nobody can say."""
        exported = _EMPTY
        with suppress(EngineError, OpsError):
            exported = self.records.export()
        return StackState(exported)

    def _on_daemon(self, names: set[str]) -> Mapping[str, Labels]:
        from webstack.cli.daemon.containers import StackOnDocker

        with suppress(OpsError):  # without a daemon nothing can be deleted either
            found = StackOnDocker(self.project, self.stack).volume_labels()
            return {name: labels for name, labels in found.items() if name in names}
        return {}


def released(exported: str, volumes: set[str]) -> str:
    """Change an exported state so that it leaves these volumes when it lets go of them."""
    document = json.loads(exported)
    for item in document["deployment"].get("resources") or ():
        if item["type"] == VOLUME and item.get("id") in volumes:
            item["retainOnDelete"] = True
            item.pop("protect", None)
    return json.dumps(document)
