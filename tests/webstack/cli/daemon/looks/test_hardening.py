"""Each check of docker-bench is read from what the daemon says of a container."""

import copy

import pytest

from webstack.cli.daemon.looks.hardening import RULES, judged

SOUND = {
    "Config": {
        "User": "20001:20001",
        "Labels": {"webstack.role": "service"},
        "Healthcheck": {"Test": ["CMD", "ask"]},
    },
    "HostConfig": {
        "CapDrop": ["ALL"],
        "SecurityOpt": ["no-new-privileges:true"],
        "NetworkMode": "none",
        "Memory": 1 << 28,
        "NanoCpus": 1_000_000_000,
        "PidsLimit": 128,
        "ReadonlyRootfs": True,
        "RestartPolicy": {"Name": "unless-stopped"},
        "PortBindings": None,
    },
    "Mounts": [
        {"Type": "volume", "Name": "a", "Source": "/var/lib/a", "RW": True, "Propagation": ""}
    ],
    "NetworkSettings": {"Networks": {"none": {}}},
}


def faults(changed):
    return {each.rule.number: each.faults for each in judged({"x": changed}) if not each.ok}


def with_values(section, **values):
    found = copy.deepcopy(SOUND)
    found[section].update(values)
    return found


def test_a_container_as_webstack_makes_it_differs_only_on_purpose():
    assert faults(SOUND) == {}
    meant = {each.rule.number for each in judged({"x": SOUND}) if each.faults}
    assert meant == {"5.14", "5.18"}


@pytest.mark.parametrize(
    ("number", "section", "values"),
    [
        ("4.1", "Config", {"User": ""}),
        ("4.1", "Config", {"User": "0:0"}),
        ("5.1", "HostConfig", {"SecurityOpt": ["no-new-privileges", "apparmor=unconfined"]}),
        ("5.2", "HostConfig", {"SecurityOpt": ["no-new-privileges", "label:disable"]}),
        ("5.3", "HostConfig", {"CapDrop": None}),
        ("5.3", "HostConfig", {"CapAdd": ["NET_ADMIN"]}),
        ("5.4", "HostConfig", {"Privileged": True}),
        ("5.9", "HostConfig", {"NetworkMode": "host"}),
        ("5.10", "HostConfig", {"Memory": 0}),
        ("5.11", "HostConfig", {"NanoCpus": 0}),
        ("5.12", "HostConfig", {"ReadonlyRootfs": False}),
        ("5.15", "HostConfig", {"PidMode": "host"}),
        ("5.16", "HostConfig", {"IpcMode": "host"}),
        ("5.17", "HostConfig", {"Devices": [{"PathOnHost": "/dev/kvm"}]}),
        ("5.20", "HostConfig", {"UTSMode": "host"}),
        ("5.21", "HostConfig", {"SecurityOpt": ["no-new-privileges", "seccomp:unconfined"]}),
        ("5.24", "HostConfig", {"CgroupParent": "/other"}),
        ("5.25", "HostConfig", {"SecurityOpt": None}),
        ("5.26", "Config", {"Healthcheck": None}),
        ("5.28", "HostConfig", {"PidsLimit": None}),
        ("5.29", "NetworkSettings", {"Networks": {"bridge": {}}}),
        ("5.30", "HostConfig", {"UsernsMode": "host"}),
    ],
)
def test_a_field_that_differs_is_found(number, section, values):
    assert list(faults(with_values(section, **values))) == [number]


def test_folders_of_the_host_are_found():
    def mounted(source, **more):
        mount = {"Type": "bind", "Source": source, "Destination": "/x", "RW": True, **more}
        return list(faults({**SOUND, "Mounts": [mount]}))

    assert mounted("/etc/ssl") == ["5.5"]
    assert mounted("/") == ["5.5"]
    assert mounted("/etc/ssl", RW=False) == []
    assert mounted("/home/me/app") == []
    assert mounted("/home/me/app", Propagation="rshared") == ["5.19"]
    assert mounted("/run/docker.sock") == ["5.31"]


def test_ports_are_the_listener_s_alone_and_one_interface_s():
    ports = {"8080/tcp": [{"HostIp": "127.0.0.1", "HostPort": "80"}]}
    open_to_all = {"8080/tcp": [{"HostIp": "0.0.0.0", "HostPort": "8080"}]}
    assert list(faults(with_values("HostConfig", PortBindings=ports))) == ["5.7", "5.8"]
    listener = with_values("Config", Labels={"webstack.role": "holder"})
    listener["HostConfig"]["PortBindings"] = ports
    assert faults(listener) == {}
    listener["HostConfig"]["PortBindings"] = open_to_all
    assert faults(listener) == {"5.13": {"x": "is published on 0.0.0.0:8080"}}


def test_every_field_says_what_is_done_and_stands_there_once():
    numbers = [rule.number for rule in RULES]
    assert len(set(numbers)) == len(numbers)
    assert all(rule.done and rule.title for rule in RULES)
