"""Reads the nodes of a swarm, and how many of its managers may fail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

_ENOUGH: Final = 3
"""Managers of which one may fail: two of three are a majority, one of two is none."""


class Node(msgspec.Struct, frozen=True):
    """Holds one machine of a swarm. ``availability`` is what it is told to do: ``drain``, say.

    ``manager`` is empty for a worker, else ``leader``, ``reachable`` or ``unreachable``.
    """

    id: str
    name: str
    state: str
    availability: str
    address: str
    version: str
    manager: str = ""

    @property
    def serves(self) -> bool:
        """Tell whether it is there and takes tasks."""
        return self.state == "ready" and self.availability == "active"


class Quorum(msgspec.Struct, frozen=True):
    """Holds how many managers there are, and how many of them answer."""

    managers: int
    reachable: int

    @property
    def spare(self) -> int:
        """Return how many managers may fail before nothing can be changed any more."""
        return self.reachable - (self.managers // 2 + 1)

    def __str__(self) -> str:
        """Say it in one line, with the way to more."""
        told = f"{self.reachable} of {self.managers} managers answer; "
        if self.spare > 0:
            return f"{told}{self.spare} may fail"
        if self.managers < _ENOUGH:
            return f"{told}none may fail (with three one may: webstack swarm join --manager)"
        return f"{told}none more may fail: bring the others back"


def read_nodes(told: Sequence[Mapping[str, Any]]) -> list[Node]:
    """Read Docker's list of nodes; managers come first, by name."""
    nodes = [_read(node) for node in told]
    return sorted(nodes, key=lambda node: (not node.manager, node.name, node.id))


def quorum(nodes: Sequence[Node]) -> Quorum:
    """Count the managers."""
    managers = [node for node in nodes if node.manager]
    return Quorum(len(managers), sum(node.manager != "unreachable" for node in managers))


def _read(told: Mapping[str, Any]) -> Node:
    status, description = told.get("Status") or {}, told.get("Description") or {}
    manager = told.get("ManagerStatus") or {}
    role = "leader" if manager.get("Leader") else manager.get("Reachability", "")
    # A manager knows itself by the address at which the others reach it.
    reached = str(manager.get("Addr", "")).rpartition(":")[0]
    address = str(status.get("Addr", ""))
    return Node(
        id=told["ID"],
        name=str(description.get("Hostname", "")),
        state=str(status.get("State", "")),
        availability=str((told.get("Spec") or {}).get("Availability", "")),
        address=reached if address in ("", "0.0.0.0") and reached else address,  # noqa: S104
        version=str((description.get("Engine") or {}).get("EngineVersion", "")),
        manager=role,
    )
