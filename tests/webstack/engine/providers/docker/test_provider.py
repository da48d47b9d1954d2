from __future__ import annotations

import struct
import subprocess
import sys

import pytest

from webstack.engine.model.provider import Provider, ProviderError
from webstack.engine.providers.docker import DockerProvider

CONTAINER = "docker:index/container:Container"


@pytest.fixture
def provider(daemon):
    return DockerProvider({}, daemon=daemon)


def test_is_a_provider():
    provider: Provider = DockerProvider({})

    assert provider.check(CONTAINER, "web", None, {"image": "demo"})["image"] == "demo"


def test_a_type_it_does_not_know_is_named(provider):
    with pytest.raises(ProviderError, match=r"docker:index/plugin:Plugin is not supported"):
        provider.check("docker:index/plugin:Plugin", "web", None, {})


def test_a_setting_it_does_not_know_is_named():
    with pytest.raises(ProviderError, match="docker:sshOpts, docker:tlsMaterial is not supported"):
        DockerProvider({"host": "tcp://x", "sshOpts": "[]", "tlsMaterial": "x"})


def test_unchanged_resources_need_neither_engine_nor_sdk():
    """Importing the SDK alone would take a tenth of a second of every run."""
    code = (
        "import sys\n"
        "from webstack.engine.providers.docker import DockerProvider\n"
        f"provider, type_ = DockerProvider({{}}), {CONTAINER!r}\n"
        "inputs = provider.check(type_, 'web', None, {'image': 'demo'})\n"
        "planned = provider.planned_outputs(type_, inputs, None)\n"
        "provider.diff(type_, 'x', inputs, planned, inputs)\n"
        "print([name for name in ('docker', 'requests', 'urllib3') if name in sys.modules])\n"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_what_docker_chooses_is_unknown_before_creation(provider):
    """Properties that the program gives are known."""
    inputs = provider.check(CONTAINER, "web", None, {
        "image": "demo", "name": "web", "hostname": "h", "ports": [{"internal": 80}]})  # fmt: skip

    planned = provider.planned_outputs(CONTAINER, inputs, None)

    assert (planned["name"], planned["hostname"], planned["logs"]) == ("web", "h", False)
    unknown = {"id", "ipcMode", "networkDatas", "exitCode", "ports", "command"}
    assert not unknown & planned.keys()


def test_an_update_keeps_what_it_does_not_change(provider, recorded):
    resource = recorded["full"]
    new = {**resource["inputs"], "waitTimeout": 5}

    planned = provider.planned_outputs(CONTAINER, new, resource["outputs"])

    assert planned == {**resource["outputs"], "waitTimeout": 5}


NETWORK = "docker:index/getNetwork:getNetwork"
LOGS = "docker:index/getLogs:getLogs"
IMAGE = "docker:index/getRemoteImage:getRemoteImage"


def test_looks_up_a_network(provider, daemon, recorded):
    inspect = {
        **recorded["net2"]["inspect"],
        "Containers": {
            "abc": {
                "Name": "web", "EndpointID": "e", "MacAddress": "02:42",
                "IPv4Address": "10.0.0.2/16", "IPv6Address": "",
            }
        },
    }  # fmt: skip
    daemon.answers = {"GET /networks/demo-net2": inspect}

    found = provider.invoke(NETWORK, {"name": "demo-net2"})

    assert found["id"] == recorded["net2"]["id"]
    assert set(found) == {
        "containers", "driver", "id", "internal", "ipamConfigs", "name", "options", "scope",
    }  # fmt: skip
    assert found["containers"] == [
        {"containerId": "abc", "endpointId": "e", "ipv4Address": "10.0.0.2/16",
         "ipv6Address": "", "macAddress": "02:42", "name": "web"}
    ]  # fmt: skip


def test_looks_up_an_image(provider, daemon):
    daemon.answers = {"GET /images/demo:1/json": {"Id": "sha256:1", "RepoDigests": ["demo@x"]}}

    assert provider.invoke(IMAGE, {"name": "demo:1"}) == {
        "id": "sha256:1", "name": "demo:1", "repoDigest": "demo@x",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("token", "arguments", "problem"),
    [
        (NETWORK, {"name": "nope"}, "there is no network nope"),
        (IMAGE, {"name": "nope"}, "there is no image nope"),
        (NETWORK, {}, "name is missing"),
        (NETWORK, {"name": "a", "colour": "red"}, "argument colour is not supported"),
        (LOGS, {"name": "nope"}, "there is no container nope"),
        (LOGS, {"name": "a", "follow": True}, "argument follow is not supported"),
        (LOGS, {"name": "web", "since": "lately"}, "since 'lately' is no time such as"),
        ("docker:index/getPlugin:getPlugin", {"name": "a"}, "getPlugin is not supported"),
    ],
)
def test_a_lookup_that_fails_says_why(provider, daemon, token, arguments, problem):
    daemon.answers = {"GET /containers/web/json": {"Id": "abc", "Config": {"Tty": False}}}
    with pytest.raises(ProviderError, match=problem):
        provider.invoke(token, arguments)


FRAMES = b"".join(
    struct.pack(">BxxxL", stream, len(text)) + text
    for stream, text in ((1, b"out 1\n"), (2, "err \u00fc\n".encode()), (1, b"\n"), (1, b"rest"))
)


def test_reads_the_lines_of_a_container(provider, daemon):
    daemon.answers = {
        "GET /containers/web/json": {"Id": "abc", "Config": {"Tty": False}},
        "GET /containers/abc/logs": FRAMES,
    }
    found = provider.invoke(LOGS, {"name": "web", "tail": "9", "since": "2026-01-01T00:00:00Z"})
    assert found == {
        "id": "web", "name": "web", "logsListStrings": ["out 1", "err \u00fc", "", "rest"],
        "details": False, "discardHeaders": True, "follow": False, "logsListStringEnabled": True,
        "showStderr": True, "showStdout": True, "since": "2026-01-01T00:00:00Z", "tail": "9",
        "timestamps": False, "until": "",
    }  # fmt: skip
    assert daemon.details["GET /containers/abc/logs"]["query"] == {
        "stdout": "true", "stderr": "true", "timestamps": "false", "details": "false",
        "since": "1767225600.000000000", "tail": "9",
    }  # fmt: skip


def test_the_lines_of_a_terminal_have_no_frames(provider, daemon):
    daemon.answers = {
        "GET /containers/web/json": {"Id": "abc", "Config": {"Tty": True}},
        "GET /containers/abc/logs": b"one\r\ntwo\r\n",
    }
    assert provider.invoke(LOGS, {"name": "web"})["logsListStrings"] == ["one", "two"]
    nothing = provider.invoke(LOGS, {"name": "web", "logsListStringEnabled": False})
    assert nothing["logsListStrings"] == []


def test_closing_before_use_is_nothing(daemon):
    DockerProvider({}).close()
    DockerProvider({}, daemon=daemon).close()
