import pytest

from webstack.cli.daemon.swarm.nodes import Node, Quorum, quorum, read_nodes


def told(id_, role="worker", state="ready", availability="active", **manager):
    return {
        "ID": id_,
        "Spec": {"Role": role, "Availability": availability},
        "Description": {"Hostname": f"host-{id_}", "Engine": {"EngineVersion": "20.10.24"}},
        "Status": {"State": state, "Addr": "10.0.0.1"},
        **({"ManagerStatus": manager} if manager else {}),
    }


def node(id_="a", manager="", state="ready", availability="active"):
    return Node(id_, f"host-{id_}", state, availability, "10.0.0.1", "20.10.24", manager)


def test_managers_come_first_with_what_they_are():
    leader = told("c", "manager", Leader=True, Reachability="reachable", Addr="10.0.0.9:2377")
    lost = told("b", "manager", "down", Reachability="unreachable", Addr="10.0.0.2:2377")

    found = read_nodes([told("a"), lost, leader])

    assert [(each.name, each.manager, each.state) for each in found] == [
        ("host-b", "unreachable", "down"),
        ("host-c", "leader", "ready"),
        ("host-a", "", "ready"),
    ]
    assert found[2] == node()


def test_a_manager_that_does_not_know_its_own_address_is_known_by_how_others_reach_it():
    own = told("a", "manager", Leader=True, Addr="10.0.0.9:2377")
    own["Status"]["Addr"] = "0.0.0.0"

    assert read_nodes([own])[0].address == "10.0.0.9"


def test_what_docker_leaves_out_is_empty():
    assert read_nodes([{"ID": "x"}]) == [Node("x", "", "", "", "", "")]


@pytest.mark.parametrize(
    ("given", "serves"),
    [(node(), True), (node(state="down"), False), (node(availability="drain"), False)],
)
def test_who_is_there_and_not_drained_takes_tasks(given, serves):
    assert given.serves is serves


@pytest.mark.parametrize(
    ("managers", "reachable", "spare", "words"),
    [
        (1, 1, 0, "none may fail (with three one may: webstack swarm join --manager)"),
        (2, 2, 0, "none may fail (with three one may: webstack swarm join --manager)"),
        (3, 3, 1, "1 may fail"),
        (3, 2, 0, "none more may fail: bring the others back"),
        (5, 5, 2, "2 may fail"),
    ],
)
def test_more_than_half_of_the_managers_have_to_answer(managers, reachable, spare, words):
    found = Quorum(managers, reachable)

    assert found.spare == spare
    assert str(found) == f"{reachable} of {managers} managers answer; {words}"


def test_workers_and_lost_managers_are_not_counted_as_those_that_answer():
    nodes = [node("a", "leader"), node("b", "unreachable"), node("c")]

    assert quorum(nodes) == Quorum(managers=2, reachable=1)
