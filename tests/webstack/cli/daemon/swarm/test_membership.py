"""Machines join and leave a swarm, by daemons of prepared answers and by a real one."""

from __future__ import annotations

import os

import pytest

from tests.swarm import one_node_swarm
from tests.webstack.cli.daemon.swarm.test_nodes import told
from webstack.cli.daemon.swarm import membership
from webstack.cli.daemon.swarm.nodes import quorum
from webstack.cli.terminal.errors import OpsError
from webstack.docker.client import connect
from webstack.docker.daemon_host import find_host
from webstack.docker.errors import NotFoundError, RefusedError, TimedOutError
from webstack.engine.providers.docker.client.connection import Connection

OUTSIDE = {"LocalNodeState": "inactive"}
LEADER = told("a", "manager", Leader=True, Addr="10.0.0.1:2377")


class Machine:
    """A daemon of prepared answers; a list is used up, its last element stays."""

    def __init__(self, swarm, **answers):
        self.swarm = [swarm] if isinstance(swarm, dict) else swarm
        self.answers = answers
        self.calls = []

    def info(self):
        return {"Swarm": self.swarm.pop(0) if len(self.swarm) > 1 else self.swarm[0]}

    def value(self, method, path, **options):
        self.calls.append((method, path, options.get("body")))
        answer = self.answers.get(f"{method} {path}")
        if isinstance(answer, list) and answer and isinstance(answer[0], list | Exception):
            answer = answer.pop(0) if len(answer) > 1 else answer[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def sent(self, path):
        return next(body for _, each, body in self.calls if each == path)


def inside(id_="a", manager=True):
    state = {"LocalNodeState": "active", "ControlAvailable": manager, "NodeID": id_}
    return {**state, "NodeAddr": "10.0.0.1"}


def manager(*nodes, **answers):
    tokens = {"JoinTokens": {"Manager": "token-of-managers", "Worker": "token-of-workers"}}
    spec = {"Version": {"Index": 7}, "Spec": {"Role": "worker", "Labels": {"zone": "1"}}}
    return Machine(
        inside(),
        **{"GET /nodes": list(nodes), "GET /swarm": tokens, "GET /nodes/b": spec, **answers},
    )


@pytest.mark.parametrize(("as_manager", "token"), [(False, "workers"), (True, "managers")])
def test_a_machine_joins_by_the_token_of_what_it_is_to_be(as_manager, token, capsys):
    machine = Machine([OUTSIDE, inside("b", manager=False)])
    coming = [[LEADER, told("b", state="unknown")], [LEADER, told("b")]]
    waited = []

    node = membership.join(
        manager(**{"GET /nodes": coming}), machine, address="10.0.0.2", as_manager=as_manager,
        wait=waited.append,
    )  # fmt: skip

    assert (node.name, len(waited)) == ("host-b", 1)
    assert machine.sent("/swarm/join") == {
        "ListenAddr": "0.0.0.0:2377",
        "AdvertiseAddr": "10.0.0.2",
        "RemoteAddrs": ["10.0.0.1:2377"],
        "JoinToken": f"token-of-{token}",
    }
    assert "token" not in capsys.readouterr().out


@pytest.mark.parametrize(
    "act",
    [
        lambda machine: membership.begin(machine, ""),
        lambda machine: membership.join(
            manager(), machine, address="", as_manager=False, wait=print
        ),
    ],
)
def test_a_machine_in_a_swarm_stays_in_it(act):
    machine = Machine(inside("b"))

    with pytest.raises(OpsError, match=r"in a swarm already \(10.0.0.1, active\)"):
        act(machine)

    assert machine.calls == []


@pytest.mark.parametrize(
    "refusal",
    [TimedOutError("late"), RefusedError("rpc error: Timeout was reached before node joined")],
)
def test_a_manager_that_is_not_reached_is_told_with_the_ports(refusal):
    machine = Machine(OUTSIDE, **{"POST /swarm/join": refusal})

    with pytest.raises(OpsError, match=r"does not reach the manager at 10.0.0.1:2377") as failure:
        membership.join(manager(), machine, address="", as_manager=False, wait=print)

    assert "7946/tcp and udp" in str(failure.value)


def test_a_machine_with_several_addresses_needs_one_named():
    words = "could not choose an IP address to advertise since this system has multiple addresses"
    machine = Machine(OUTSIDE, **{"POST /swarm/init": RefusedError(words)})

    with pytest.raises(OpsError, match="has several addresses") as failure:
        membership.begin(machine, "")

    assert str(failure.value).endswith("; name it with --address")


def test_a_machine_leaves_once_its_tasks_have_gone_elsewhere():
    task = {"DesiredState": "shutdown", "Status": {"State": "running"}}
    tasks = [[task], [{**task, "Status": {"State": "shutdown"}}]]
    refused = RefusedError("node b is not down and can't be removed")
    there = manager(
        LEADER, told("b"), **{"GET /tasks": tasks, "DELETE /nodes/b": [refused, NotFoundError("")]}
    )
    machine = Machine(inside("b", manager=False))
    waited = []

    membership.leave(there, machine, waited.append)

    assert there.sent("/nodes/b/update") == {
        "Role": "worker", "Labels": {"zone": "1"}, "Availability": "drain",
    }  # fmt: skip
    assert [path for method, path, _ in machine.calls] == ["/swarm/leave"]
    assert len(waited) == 2


def test_the_only_manager_does_not_leave_and_others_do_not_end_the_swarm():
    machine = Machine(inside("a"))

    with pytest.raises(OpsError, match="without it the swarm ends"):
        membership.leave(manager(LEADER, told("b")), machine, print)
    two = manager(LEADER, told("b", "manager", Reachability="reachable", Addr="10.0.0.2:2377"))
    with pytest.raises(OpsError, match="has other managers"):
        membership.end(two)

    assert machine.calls == []
    assert all(method == "GET" for method, _, _ in two.calls)


def test_a_machine_without_a_swarm_leaves_none():
    with pytest.raises(OpsError, match="in no swarm"):
        membership.leave(manager(LEADER), Machine(OUTSIDE), print)


def test_a_swarm_without_a_leader_is_told_with_what_still_works():
    words = "rpc error: code = Unknown desc = The swarm does not have a leader."

    with pytest.raises(OpsError, match=r"no leader.*what runs goes on") as failure:
        membership.nodes_of(manager(**{"GET /nodes": RefusedError(words)}))

    assert "--force-new-cluster" in str(failure.value)


@pytest.mark.docker
@pytest.mark.swarm
def test_a_real_manager_tells_its_nodes():
    connection = Connection(lambda: find_host({}, os.environ))
    with one_node_swarm(connection):
        daemon = connect(find_host({}, os.environ))

        assert membership.manages(membership.state_of(daemon))
        (node,) = membership.nodes_of(daemon)
        assert (node.manager, node.state, node.address) == ("leader", "ready", "127.0.0.1")
        assert str(quorum([node])).startswith("1 of 1 managers answer; none may fail")
        with pytest.raises(OpsError, match="in a swarm already"):
            membership.begin(daemon, "127.0.0.1")
        daemon.close()
    connection.close()
