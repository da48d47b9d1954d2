"""A machine tells what it lacks, and commands there run as root."""

import os
import subprocess

import pytest

from webstack.cli.machine import host_facts
from webstack.cli.machine.host_facts import Host, actions, as_root, hints, look
from webstack.cli.terminal.errors import OpsError

READY = {
    "os": "Debian GNU/Linux 13 (trixie)",
    "apt": "/usr/bin/apt-get",
    "user": "deploy",
    "root": "sudo",
    "groups": "deploy docker",
    "docker": "/usr/bin/docker",
    "daemon": "/usr/sbin/dockerd",
    "server": "26.1.5+dfsg1",
    "systemd": "yes",
    "upgrades": 'APT::Periodic::Unattended-Upgrade "1";',
    "cpus": "2",
    "memory": "3914",
    "disk": "35210",
}
BARE = {"docker": "", "daemon": "", "server": "", "groups": "deploy", "upgrades": ""}


def words(**changes):
    return [each.words for each in actions(Host({**READY, **changes}))]


def test_a_machine_that_has_all_is_left_alone():
    assert words() == []
    assert "Docker 26.1.5+dfsg1" in str(Host(READY))


def test_a_bare_machine_gets_docker_its_start_its_group_and_updates():
    found = actions(Host({**READY, **BARE}))
    assert [each.words.split(" (")[0] for each in found] == [
        "install Docker from the distribution",
        "start the Docker daemon, now and at each boot",
        "let deploy use Docker",
        "install security updates by itself",
    ]
    assert found[1].command == "systemctl enable --now docker"
    assert found[2].command == "usermod -aG docker deploy"
    assert all(as_root(Host(READY), each).startswith("sudo -n sh -c ") for each in found)
    assert as_root(Host({"root": "self"}), found[1]) == "sh -c 'systemctl enable --now docker'"


def test_root_needs_no_group_and_a_machine_without_systemd_is_started_its_way():
    assert words(user="root", groups="root") == []
    assert words(server="", systemd="") == [
        "start the Docker daemon, now and at each boot (service docker start)"
    ]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"server": "19.03.15"}, "it has Docker 19.03.15, older than 20.10"),
        ({**BARE, "root": ""}, "deploy is not root there and has no sudo without a password"),
        ({**BARE, "apt": "", "os": "Alpine"}, "Alpine has no apt-get, so this is to be done by"),
    ],
)
def test_what_cannot_be_done_for_it_is_told(changes, told):
    with pytest.raises(OpsError) as refused:
        words(**changes)
    assert told in str(refused.value)
    assert "\n" not in str(refused.value)


def test_what_is_for_people_to_decide_is_told():
    assert "firewall" in hints(Host(READY))[0]
    assert any("ufw" in each for each in hints(Host({"ufw": "/usr/sbin/ufw"}))[2:])


@pytest.fixture
def ssh(tmp_path, monkeypatch):
    """Put a stand-in for ssh on PATH, which runs all on this machine, or lets nobody in."""

    def use(script):
        file = tmp_path / "ssh"
        file.write_text(f"#!/bin/sh\n{script}\n")
        file.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")

    return use


def test_a_machine_is_looked_at_by_one_line_of_shell(ssh):
    ssh('for last; do :; done; exec sh -c "$last"')
    found = look("ssh://deploy@server:2222")
    assert (
        found["user"]
        == subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()
    )
    assert int(found["memory"]) > 0
    assert int(found["disk"]) > 0
    assert found["cpus"].isdigit()


def test_a_machine_that_lets_nobody_in_is_told_in_one_line(ssh):
    ssh("echo 'Permission denied (publickey).' >&2; exit 255")
    with pytest.raises(OpsError) as refused:
        look("ssh://deploy@server")
    assert "ssh://deploy@server cannot be reached: Permission denied (publickey)." in str(
        refused.value
    )
    assert "without a question" in str(refused.value)
    assert host_facts.OLDEST == (20, 10)
