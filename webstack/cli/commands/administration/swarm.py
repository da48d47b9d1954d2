"""`swarm`: make machines a swarm of Docker's, and see how its nodes and services are."""

from __future__ import annotations

import os
import sys
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from msgspec.structs import asdict

from webstack.cli.backends import session_setup
from webstack.cli.daemon.containers import plain_errors
from webstack.cli.daemon.swarm import membership
from webstack.cli.daemon.swarm.nodes import Node, quorum
from webstack.cli.daemon.swarm.services import Service, read_services
from webstack.cli.deployments import stack_daemon
from webstack.cli.terminal import prompts
from webstack.cli.terminal.arguments import add_flag, add_shared, add_stack
from webstack.cli.terminal.errors import OpsError
from webstack.cli.terminal.json_text import json_text
from webstack.cli.terminal.tables import table
from webstack.docker.client import connect
from webstack.docker.daemon_host import find_host
from webstack.docker.endpoint import EndpointError

NODES = ("NODE", "ROLE", "STATE", "ADDRESS", "DOCKER")
SERVICES = ("SERVICE", "RUNNING", "IMAGE", "NODES", "PROBLEM")
_OPENS = "2377/tcp, 7946/tcp and udp, 4789/udp"


def arguments(parser: ArgumentParser) -> None:
    """Add the command's words and options."""
    parser.add_argument(
        "verb", choices=("init", "join", "leave", "status"), metavar="VERB",
        help="init, join, leave or status",
    )  # fmt: skip
    add_stack(parser)
    parser.add_argument(
        "--machine", metavar="ADDRESS",
        help="the machine that joins or leaves, such as ssh://user@server",
    )  # fmt: skip
    parser.add_argument("--address", default="", help="where the nodes reach that machine")
    add_flag(parser, "--manager", text="join as a manager, which holds the state of the swarm")
    add_flag(parser, "--force", text="leave, without a machine named: end the whole swarm")
    add_shared(parser, "--yes", "--json")


def run(options: Namespace) -> int:
    """Do what the verb says to the swarm of the stack's machine."""
    session = session_setup.session_of(options)
    manager = stack_daemon.on_docker(session).api
    if options.verb == "status":
        return _status(manager, options)
    if options.verb == "join" and not options.machine:
        raise OpsError("swarm join: no machine is named", "add --machine ssh://user@server")
    return {"init": _init, "join": _join, "leave": _leave}[options.verb](manager, options)


def _init(machine: Any, options: Namespace) -> int:
    if not _agreed(options, f"Its Docker daemon then listens at {_OPENS}."):
        return prompts.DECLINED
    membership.begin(machine, options.address)
    node, *_ = membership.nodes_of(machine)
    print(f"{node.name} is the manager of a new swarm, at {node.address}.")
    print("Others join with: webstack swarm join --machine ssh://user@server")
    return 0


def _join(manager: Any, options: Namespace) -> int:
    _is_manager(manager)
    if not _agreed(options, f"The Docker daemon there then listens at {_OPENS}."):
        return prompts.DECLINED
    with _open(options.machine) as machine:
        node = membership.join(
            manager,
            machine,
            address=options.address,
            as_manager=options.manager,
            wait=time.sleep,
        )
    print(f"{node.name} ({node.address}) is {'a manager' if node.manager else 'a worker'} now.")
    print(quorum(membership.nodes_of(manager)))
    return 0


def _leave(manager: Any, options: Namespace) -> int:
    _is_manager(manager)
    if not options.machine and not options.force:
        raise OpsError(
            "swarm leave: no machine is named",
            "add --machine ssh://user@server; --force without one ends the whole swarm",
        )
    ends = "The swarm ends, with all its services, networks, configurations and secrets."
    if not _agreed(options, "What runs there goes to other nodes." if options.machine else ends):
        return prompts.DECLINED
    if not options.machine:
        membership.end(manager)
        print("There is no swarm any more.")
        return 0
    with _open(options.machine) as machine:
        membership.leave(manager, machine, wait=time.sleep)
    print("It has left the swarm.")
    return 0


def _status(manager: Any, options: Namespace) -> int:
    _is_manager(manager)
    nodes = membership.nodes_of(manager)
    with plain_errors():
        told, tasks = manager.value("GET", "/services"), manager.value("GET", "/tasks")
    services = read_services(told or (), tasks or (), nodes)
    if options.json:
        document = {"nodes": [*map(asdict, nodes)], "services": [*map(asdict, services)]}
        print(json_text(document))
    else:
        _show(nodes, services)
    well = all(each.is_whole for each in services) and all(node.state == "ready" for node in nodes)
    return 0 if well else 1


def _show(nodes: Sequence[Node], services: Sequence[Service]) -> None:
    print(table(NODES, [_node_row(node) for node in nodes]))
    print(f"\n{quorum(nodes)}")
    if services:
        print(f"\n{table(SERVICES, [_service_row(each) for each in services])}")


def _node_row(node: Node) -> tuple[str, ...]:
    role = f"manager, {node.manager}" if node.manager else "worker"
    state = node.state if node.availability == "active" else f"{node.state}, {node.availability}"
    return (node.name, role, state, node.address, node.version)


def _service_row(service: Service) -> tuple[str, ...]:
    count = f"{service.running} of {service.wanted}"
    return (service.name, count, service.image, ", ".join(service.nodes), service.problem)


def _is_manager(machine: Any) -> None:
    state = membership.state_of(machine)
    if membership.manages(state):
        return
    if state.get("LocalNodeState") == "inactive":
        raise OpsError(
            "the stack's machine is in no swarm", "make it one with `webstack swarm init`"
        )
    error = f": {state['Error']}" if state.get("Error") else ""
    raise OpsError(
        f"the stack's machine does not manage its swarm ({state.get('LocalNodeState')}){error}",
        "name a manager by webstack:host or DOCKER_HOST",
    )


def _agreed(options: Namespace, consequence: str) -> bool:
    print(consequence)
    if options.yes:
        return True
    if not prompts.is_terminal():
        print("Nothing was done; add --yes.", file=sys.stderr)
        return False
    return prompts.confirmed("Do that?")


@contextmanager
def _open(address: str) -> Iterator[Any]:
    """Connect to the daemon of another machine."""
    with plain_errors():
        try:
            daemon = connect(find_host({"host": address}, os.environ))
        except EndpointError as error:
            raise OpsError(str(error), "correct --machine") from None
    try:
        yield daemon
    finally:
        daemon.close()
