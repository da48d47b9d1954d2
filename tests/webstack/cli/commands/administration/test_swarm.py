import json
from types import SimpleNamespace

import pytest

from tests.webstack.cli.daemon.swarm.test_membership import (
    LEADER,
    OUTSIDE,
    Machine,
    inside,
    manager,
)
from tests.webstack.cli.daemon.swarm.test_nodes import told
from tests.webstack.cli.daemon.swarm.test_services import service, task
from webstack.cli.commands.administration import swarm

TWO = "ssh://deploy@two"


@pytest.fixture
def command(run, monkeypatch):
    """Give a function that runs the command on a machine, with another one to join or leave."""

    def command(*words, machine, other=None):
        opened = []

        def connect(host):
            opened.append(host.address)
            return other

        run.docker = SimpleNamespace(api=machine)
        monkeypatch.setattr(swarm, "connect", connect)
        return run("swarm", *words), opened

    return command


def running(*tasks, nodes=(LEADER,)):
    return manager(*nodes, **{"GET /services": [service()], "GET /tasks": list(tasks)})


def test_status_shows_nodes_managers_and_services(command, capsys):
    assert command("status", machine=running(task("a"), task("a")))[0] == 0

    lines = capsys.readouterr().out.splitlines()
    assert lines[1].split() == ["host-a", "manager,", "leader", "ready", "10.0.0.1", "20.10.24"]
    assert lines[3].startswith("1 of 1 managers answer; ")
    assert lines[6].split() == ["name-s", "2", "of", "2", "app:1", "host-a"]


@pytest.mark.parametrize(
    "machine",
    [
        running(task("a")),
        running(task("a"), task("a"), nodes=(LEADER, told("b", state="down"))),
    ],
)
def test_what_is_not_whole_is_seen_by_the_exit_code(command, machine):
    assert command("status", "--json", machine=machine)[0] == 1


def test_status_is_there_as_json(command, capsys):
    command("status", "--json", machine=running(task("a")))

    told_ = json.loads(capsys.readouterr().out)
    assert told_["nodes"][0]["name"] == "host-a"
    assert (told_["services"][0]["running"], told_["services"][0]["wanted"]) == (1, 2)


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (OUTSIDE, "in no swarm; make it one with `webstack swarm init`"),
        (inside(manager=False), "does not manage its swarm (active); name a manager"),
        ({"LocalNodeState": "error", "Error": "disk full"}, "(error): disk full; "),
    ],
)
@pytest.mark.parametrize("verb", [["status"], ["join", "--machine", TWO], ["leave", "--force"]])
def test_a_machine_that_manages_none_says_why(command, capsys, state, words, verb):
    assert command(*verb, machine=Machine(state))[0] == 1
    assert words in capsys.readouterr().err


def test_init_says_what_it_opens_and_does_nothing_unasked(command, capsys):
    machine = Machine(OUTSIDE)

    assert command("init", machine=machine)[0] == 8

    out, err = capsys.readouterr()
    assert "2377/tcp, 7946/tcp and udp, 4789/udp" in out
    assert "add --yes" in err
    assert machine.calls == []


def test_init_makes_the_machine_a_manager(command, capsys):
    machine = Machine(OUTSIDE, **{"GET /nodes": [LEADER]})

    assert command("init", "--yes", "--address", "10.0.0.1", machine=machine)[0] == 0

    assert machine.sent("/swarm/init")["AdvertiseAddr"] == "10.0.0.1"
    assert "host-a is the manager of a new swarm, at 10.0.0.1." in capsys.readouterr().out


def test_join_brings_the_other_machine_in(command, capsys):
    other = Machine([OUTSIDE, inside("b", manager=False)])
    other.close = lambda: None

    code, opened = command(
        "join", "--yes", "--machine", TWO, machine=manager(LEADER, told("b")), other=other
    )

    assert (code, opened) == (0, [TWO])
    assert "host-b (10.0.0.1) is a worker now." in capsys.readouterr().out


def test_leave_takes_the_other_machine_out_or_ends_the_swarm(command, capsys):
    other = Machine(inside("b", manager=False))
    other.close = lambda: None
    assert command("leave", "--yes", "--machine", TWO, machine=manager(LEADER), other=other)[0] == 0
    assert other.sent("/swarm/leave") is None

    own = manager(LEADER)
    assert command("leave", "--yes", "--force", machine=own)[0] == 0
    assert ("POST", "/swarm/leave", None) in own.calls
    assert "There is no swarm any more." in capsys.readouterr().out


@pytest.mark.parametrize("verb", ["join", "leave"])
def test_the_machine_has_to_be_named(command, capsys, verb):
    machine = manager(LEADER)

    assert command(verb, "--yes", machine=machine)[0] == 1

    assert f"swarm {verb}: no machine is named; add --machine" in capsys.readouterr().err
    assert all(method == "GET" for method, _, _ in machine.calls)


def test_an_address_that_is_none_is_told(run, capsys):
    run.docker = SimpleNamespace(api=manager(LEADER))

    assert run("swarm", "join", "--yes", "--machine", "ftp://two") == 1
    assert "'ftp://two' is no address of a Docker daemon" in capsys.readouterr().err
