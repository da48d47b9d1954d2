"""A container is described without secrets, and with no more of a command than people read."""

import copy

from tests.webstack.cli.daemon.looks.test_hardening import SOUND
from webstack.cli.daemon.looks.description import described, state

FOUND = {
    **SOUND,
    "Id": "0123456789abcdef",
    "Path": "gunicorn",
    "Args": ["app:create_app()"],
    "State": {
        "Status": "running",
        "Running": True,
        "StartedAt": "2026-11-29T03:00:00.5Z",
        "Health": {"Status": "healthy"},
    },
    "RestartCount": 2,
}
FOUND["Config"] = {**SOUND["Config"], "Env": ["SECRET_KEY=hush", "DEBUG=0"], "StopTimeout": 35}
FOUND["HostConfig"] = {
    **SOUND["HostConfig"],
    "MemorySwap": 1 << 28,
    "Tmpfs": {"/tmp": "rw,noexec,size=64m"},
    "GroupAdd": ["20001"],
}
FOUND["Mounts"] = [
    {"Type": "volume", "Name": "shop-data", "Destination": "/data", "RW": True},
    {"Type": "bind", "Source": "/home/me", "Destination": "/app", "RW": False},
]


def test_a_container_is_told_in_words():
    assert described(FOUND) == {
        "command": ["gunicorn 'app:create_app()'"],
        "user": ["20001:20001 and the groups 20001"],
        "limits": ["1 CPU, 256 MiB of memory, no swap, 128 processes, 35 s to stop"],
        "rights": ["read-only root, no capability, no-new-privileges:true"],
        "networks": ["none"],
        "mounts": [
            "/app: bind /home/me, read-only",
            "/data: volume shop-data",
            "/tmp: in memory, 64m",
        ],
        "variables": ["DEBUG, SECRET_KEY (values are not shown)"],
        "health": ["each 30 s by Docker: ask"],
    }
    assert state(FOUND) == "running, healthy, since 2026-11-29T03:00:00Z, restarted 2 times"


def test_what_has_no_limits_and_is_reached_is_told_too():
    found = copy.deepcopy(FOUND)
    found["Args"] = ["x" * 1000]
    found["HostConfig"] = {
        "Privileged": True,
        "PortBindings": {"80/tcp": [{"HostIp": "", "HostPort": "80"}]},
    }
    found["Config"] = {"User": ""}
    found["NetworkSettings"] = {"Networks": {"dev-search": {"Aliases": ["search", "0123456789ab"]}}}
    found["State"] = {"Status": "exited", "Running": False, "ExitCode": 3}
    told = described(found)
    assert len(told["command"][0]) < 220
    assert told["user"] == ["root"]
    assert told["limits"] == ["no limit of CPU, no limit of memory, no limit of processes"]
    assert told["rights"] == ["privileged, writable root, Docker's own capabilities"]
    assert told["networks"] == ["dev-search as search", "published on every address:80"]
    assert told["variables"] == ["none"]
    assert told["health"] == ["Docker asks for none"]
    assert state(found) == "exited, exit code 3, restarted 2 times"
