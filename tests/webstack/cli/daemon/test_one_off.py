"""A one-off container is like those of the release, serves no requests, and is removed."""

from __future__ import annotations

from typing import Any

import pytest

from webstack.cli.daemon import one_off, streams

SHOP: dict[str, Any] = {
    "Image": "sha256:1",
    "Config": {
        "Env": ["KEY=hush", "WEBSTACK_SOCKET=/run/webstack/a.sock", "GUNICORN_CMD_ARGS=--bind x"],
        "User": "20100:41000",
        "WorkingDir": "/app",
        "Labels": {
            "webstack.project": "p",
            "webstack.stack": "dev",
            "webstack.service": "shop",
            "webstack.role": "service",
        },
    },
    "HostConfig": {
        "Binds": ["p-dev-shop-data:/data", "p-dev-shop-sockets:/run/webstack"],
        "Mounts": [{"Type": "bind", "Source": "/src", "Target": "/app", "ReadOnly": True}],
        "Tmpfs": {"/tmp": "size=64m"},
        "Memory": 1 << 28,
        "ReadonlyRootfs": True,
        "CapDrop": ["ALL"],
        "RestartPolicy": {"Name": "unless-stopped"},
        "PortBindings": {"80/tcp": []},
    },
    "NetworkSettings": {"Networks": {"edge": {}, "internal": {}}},
}


def body(terminal: bool = False, **more: Any) -> dict[str, Any]:
    return one_off.configuration({**SHOP, **more}, ["ls"], terminal=terminal)


def test_it_has_image_secrets_volumes_and_limits_and_no_socket():
    made = body()
    assert (made["Image"], made["Cmd"], made["User"]) == ("sha256:1", ["ls"], "20100:41000")
    assert made["Env"] == ["KEY=hush"]
    host = made["HostConfig"]
    assert host["Binds"] == ["p-dev-shop-data:/data"]
    assert [each["Target"] for each in host["Mounts"]] == ["/app"]
    assert (host["ReadonlyRootfs"], host["CapDrop"], host["Memory"]) == (True, ["ALL"], 1 << 28)
    assert not {"RestartPolicy", "PortBindings"} & host.keys()
    assert made["Healthcheck"] == {"Test": ["NONE"]}


def test_it_is_told_from_what_serves():
    labels = body()["Labels"]
    assert labels["webstack.role"] == "one-off"
    assert labels["webstack.background"] == "shop-run"
    assert labels["webstack.service"] == "shop"


def test_it_is_in_the_same_networks():
    assert body()["HostConfig"]["NetworkMode"] == "edge"
    assert one_off.networks(SHOP) == ["edge", "internal"]
    assert body(NetworkSettings={"Networks": {}})["HostConfig"]["NetworkMode"] == "none"


def test_only_a_terminal_has_a_terminal():
    assert (body()["Tty"], body()["StdinOnce"]) == (False, True)
    talking = body(terminal=True)
    assert talking["Tty"]
    assert "TERM=xterm" in talking["Env"]


class Daemon:
    """Makes one container and notes all calls; an earlier container has ended."""

    def __init__(self) -> None:
        self.done: list[str] = []

    def inspect_container(self, _name: str) -> dict[str, Any]:
        return SHOP

    def containers(self, **asked: Any) -> list[dict[str, str]]:
        assert "webstack.role=one-off" in asked["filters"]["label"]
        return [{"Id": "earlier"}]

    def create_container_from_config(self, _config: Any, name: str) -> dict[str, str]:
        self.done.append(f"create {name.rpartition('-')[0]}")
        return {"Id": "new"}

    def connect_container_to_network(self, container: str, network: str) -> None:
        self.done.append(f"connect {container} to {network}")

    def stop(self, container: str, timeout: int) -> None:
        self.done.append(f"stop {container}")

    def remove_container(self, container: str, **_: Any) -> None:
        self.done.append(f"remove {container}")


def test_its_exit_code_is_passed_on_and_it_is_gone(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(streams, "run_main", lambda *_, **__: 7)
    daemon = Daemon()
    assert one_off.run(daemon, "shop-0", ["ls"], "p-dev-shop-run") == 7
    assert daemon.done == [
        "remove earlier",
        "create p-dev-shop-run",
        "connect new to internal",
        "remove new",
    ]


def test_an_interrupt_ends_it_too(monkeypatch: pytest.MonkeyPatch):
    def interrupted(*_: Any, **__: Any) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(streams, "run_main", interrupted)
    daemon = Daemon()
    with pytest.raises(KeyboardInterrupt):
        one_off.run(daemon, "shop-0", ["ls"], "p-dev-shop-run")
    assert daemon.done[-2:] == ["stop new", "remove new"]
