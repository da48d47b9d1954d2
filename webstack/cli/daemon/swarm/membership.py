"""Has machines make a swarm, join it and leave it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from webstack.cli.daemon.containers import plain_errors
from webstack.cli.daemon.swarm.nodes import Node, read_nodes
from webstack.cli.terminal.errors import OpsError
from webstack.docker.errors import NotFoundError, RefusedError, TimedOutError
from webstack.engine.providers.docker.swarm.convergence import all_ended, read_task

_LISTEN: Final = "0.0.0.0:2377"
_PORT: Final = 2377
_PATIENCE: Final = 60.0
_INTERVAL: Final = 0.5
_SECONDS: Final = 120

Wait = Callable[[float], None]


def nodes_of(manager: Any) -> list[Node]:
    """List the nodes of a manager's swarm; raises OpsError."""
    with plain_errors():
        try:
            return read_nodes(manager.value("GET", "/nodes"))
        except RefusedError as error:
            if "does not have a leader" not in error.reason:
                raise
            raise OpsError(
                "the swarm has no leader, as too few of its managers answer; what runs goes on, "
                "and nothing can be changed",
                "start the others again, or go on with this one alone: "
                "docker swarm init --force-new-cluster",
            ) from None


def state_of(machine: Any) -> Mapping[str, Any]:
    """Return what a machine's daemon says of its own part in a swarm."""
    with plain_errors():
        return dict(machine.info().get("Swarm") or {})


def manages(state: Mapping[str, Any]) -> bool:
    """Tell whether a machine takes orders for a swarm."""
    return state.get("LocalNodeState") == "active" and bool(state.get("ControlAvailable"))


def begin(machine: Any, address: str) -> None:
    """Make a machine the first manager of a new swarm, for others to reach at ``address``."""
    _free(machine)
    body = {"ListenAddr": _LISTEN, "AdvertiseAddr": address}
    with plain_errors():
        try:
            machine.value("POST", "/swarm/init", body=body, timeout=_SECONDS)
        except RefusedError as error:
            raise _unmade(error) from None


def join(manager: Any, machine: Any, *, address: str, as_manager: bool, wait: Wait) -> Node:
    """Have a machine join the swarm of ``manager``; returns it as a node that is ready.

    The token that lets it in goes from one daemon to the other, and is shown nowhere.
    """
    _free(machine)
    with plain_errors():
        tokens = manager.value("GET", "/swarm")["JoinTokens"]
        at = manager.info()["Swarm"]["NodeAddr"]
        body = {
            "ListenAddr": _LISTEN,
            "AdvertiseAddr": address,
            "RemoteAddrs": [f"{at}:{_PORT}"],
            "JoinToken": tokens["Manager" if as_manager else "Worker"],
        }
        try:
            machine.value("POST", "/swarm/join", body=body, timeout=_SECONDS)
        except TimedOutError:
            raise _unreached(at) from None
        except RefusedError as error:
            unreached = "Timeout" in error.reason or "onnection" in error.reason
            raise _unreached(at) if unreached else _unmade(error) from None
        id_ = str(machine.info()["Swarm"]["NodeID"])
    node: Node = _awaited(lambda: _ready(manager, id_), _unreached(at), wait)
    return node


def leave(manager: Any, machine: Any, wait: Wait) -> None:
    """Move a machine's tasks to other nodes, then take it out of the swarm."""
    state = state_of(machine)
    if state.get("LocalNodeState") == "inactive":
        raise OpsError("that machine is in no swarm", "look at `webstack swarm status`")
    id_ = str(state["NodeID"])
    if _managers_beside(manager, id_) == 0:
        raise OpsError(
            "it is the only manager: without it the swarm ends, with all its services, networks, "
            "configurations and secrets",
            "make another one a manager first (webstack swarm join --manager), or end the swarm "
            "with `webstack swarm leave --force`",
        )
    _change(manager, id_, {"Availability": "drain", "Role": "worker"})
    _awaited(lambda: _is_empty(manager, id_), None, wait)
    _quit(machine)
    _awaited(lambda: _forgotten(manager, id_), None, wait)


def end(manager: Any) -> None:
    """End the swarm of the only manager, with its services, networks, configurations, secrets."""
    if _managers_beside(manager, str(state_of(manager).get("NodeID"))):
        raise OpsError(
            "the swarm has other managers, and goes on without this one",
            "name one of them by DOCKER_HOST, and this one by --machine",
        )
    _quit(manager)


def _managers_beside(manager: Any, id_: str) -> int:
    return sum(bool(node.manager) and node.id != id_ for node in nodes_of(manager))


def _free(machine: Any) -> None:
    state = state_of(machine)
    if state.get("LocalNodeState") != "inactive":
        node = state.get("NodeAddr") or "its address"
        raise OpsError(
            f"that machine is in a swarm already ({node}, {state.get('LocalNodeState')})",
            "look at `webstack swarm status`, or take it out with `webstack swarm leave`",
        )


def _unmade(error: RefusedError) -> OpsError:
    if "advertise" in error.reason:
        return OpsError(
            "that machine has several addresses, and the nodes reach one another at one of them",
            "name it with --address",
        )
    return OpsError(f"Docker makes no swarm there: {error.reason}", "see its log")


def _unreached(address: str) -> OpsError:
    return OpsError(
        f"the machine does not reach the manager at {address}:{_PORT}",
        "let the nodes reach one another at 2377/tcp, 7946/tcp and udp, 4789/udp; if that is "
        "another network, begin the swarm with --address",
    )


def _change(manager: Any, id_: str, wanted: Mapping[str, str]) -> None:
    with plain_errors():
        told = manager.value("GET", f"/nodes/{id_}")
        query = {"version": told["Version"]["Index"]}
        body = {**told["Spec"], **wanted}
        manager.value("POST", f"/nodes/{id_}/update", query=query, body=body)


def _quit(machine: Any) -> None:
    with plain_errors():
        machine.value("POST", "/swarm/leave", query={"force": "true"}, timeout=_SECONDS)


def _ready(manager: Any, id_: str) -> Node | None:
    return next(
        (node for node in nodes_of(manager) if node.id == id_ and node.state == "ready"), None
    )


def _is_empty(manager: Any, id_: str) -> bool | None:
    """Tell whether no task of a node is on its way; None while one is."""
    with plain_errors():
        told = manager.value("GET", "/tasks", query={"filters": f'{{"node": ["{id_}"]}}'})
    return all_ended(read_task(task) for task in told or ()) or None


def _forgotten(manager: Any, id_: str) -> bool | None:
    """Remove a node that has left from the list; None while Docker takes it for a manager."""
    with plain_errors():
        try:
            manager.value("DELETE", f"/nodes/{id_}", query={"force": "true"})
        except NotFoundError:
            return True
        except RefusedError:
            return None
    return True


def _awaited(look: Callable[[], Any], otherwise: OpsError | None, wait: Wait) -> Any:
    """Look until there is something to be seen; raises ``otherwise`` where nothing comes."""
    deadline = time.monotonic() + _PATIENCE
    while (found := look()) is None:
        if time.monotonic() >= deadline:
            if otherwise is None:
                return None
            raise otherwise
        wait(_INTERVAL)
    return found
