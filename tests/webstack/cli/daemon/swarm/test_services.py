import pytest

from tests.webstack.cli.daemon.swarm.test_nodes import node
from webstack.cli.daemon.swarm.services import Service, read_services

NODES = [node("a", "leader"), node("b"), node("c", state="down"), node("d", availability="drain")]


def service(id_="s", replicas=2, **mode):
    spec = {
        "Name": f"name-{id_}",
        "TaskTemplate": {"ContainerSpec": {"Image": "app:1"}},
        "Mode": mode or {"Replicated": {"Replicas": replicas}},
    }
    return {"ID": id_, "Spec": spec}


def task(on, service_="s", state="running", wanted="running", error=""):
    status = {"State": state, "Err": error, "Timestamp": "1"}
    return {"ServiceID": service_, "NodeID": on, "DesiredState": wanted, "Status": status}


def test_a_service_is_whole_when_all_its_tasks_run():
    found = read_services([service()], [task("a"), task("b"), task("a", "other")], NODES)

    assert found == [Service("name-s", "app:1", 2, 2, ("host-a", "host-b"))]
    assert found[0].is_whole


def test_what_is_missing_is_told_with_dockers_last_word():
    failed = task("a", state="failed", wanted="shutdown", error="task: non-zero exit (1)")

    (found,) = read_services([service()], [failed, task("b")], NODES)

    assert (found.running, found.wanted, found.is_whole) == (1, 2, False)
    assert found.problem == "task: non-zero exit (1)"


def test_a_task_on_a_node_that_is_away_does_not_run():
    """Docker goes on saying that it does."""
    (found,) = read_services([service()], [task("a"), task("c")], NODES)

    assert (found.running, found.nodes, found.problem) == (1, ("host-a",), "a node is away")


def test_what_is_on_its_way_is_told_while_nothing_has_failed():
    (found,) = read_services([service()], [task("a"), task("b", state="preparing")], NODES)

    assert (found.is_whole, found.problem) == (False, "preparing a task")


def test_errors_of_the_past_are_no_problem_of_a_service_that_is_whole():
    old = task("a", state="failed", wanted="shutdown", error="No such image")

    (found,) = read_services([service(replicas=1)], [old, task("a")], NODES)

    assert (found.is_whole, found.problem) == (True, "")


@pytest.mark.parametrize(
    ("mode", "wanted"), [({"Global": {}}, 2), ({"Replicated": {"Replicas": 0}}, 0)]
)
def test_a_global_service_wants_a_task_on_each_node_that_takes_one(mode, wanted):
    (found,) = read_services([service(**mode)], [], NODES)

    assert found.wanted == wanted


def test_services_come_by_name():
    found = read_services([service("b"), service("a")], [], NODES)

    assert [each.name for each in found] == ["name-a", "name-b"]
