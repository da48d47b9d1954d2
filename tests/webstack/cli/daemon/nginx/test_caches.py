"""The kept answers of nginx are counted, and how often they are used."""

from __future__ import annotations

from typing import Any

import pytest

from webstack.cli.daemon.nginx.caches import counted, purge, services, shares
from webstack.cli.terminal.errors import OpsError

LINES = b"""\
{"service":"shop","cache":"HIT"}
{"service":"shop","cache":"MISS"}
{"service":"shop","cache":"STALE"}
{"service":"shop","cache":""}
{"service":"blog","cache":"EXPIRED"}
{"service":"plain"}
not json
[]
"""


class Docker:
    """An nginx that keeps answers of two services."""

    def __init__(self, code: int = 0) -> None:
        self.code, self.ran = code, []  # type: ignore[var-annotated]

    def inspect_container(self, _name: str) -> dict[str, Any]:
        folders = ("/run/nginx", "/run/nginx/cache-shop", "/run/nginx/cache-news", "/tmp")
        return {"HostConfig": {"Tmpfs": dict.fromkeys(folders, "")}}

    def exec_create(self, _name: str, command: list[str], **_: Any) -> dict[str, str]:
        self.ran.append(command)
        return {"Id": command[0]}

    def exec_start(self, job: str) -> bytes:
        said = [b"1:1 %s\n" % line for line in LINES.splitlines()]
        return b"".join(said) if job == "webstack-log" else b"no such command"

    def exec_inspect(self, _job: str) -> dict[str, int]:
        return {"ExitCode": self.code}


def test_what_might_come_from_memory_is_counted():
    assert counted(LINES.splitlines()) == {"shop": (2, 3), "blog": (0, 1)}


def test_only_services_with_a_cache_are_told_of():
    assert services(Docker(), "nginx") == ["news", "shop"]
    assert shares(Docker(), "nginx") == {"news": (0, 0), "shop": (2, 3)}


def test_nginx_forgets_or_says_why_not():
    docker = Docker()
    purge(docker, "nginx", ["shop"])
    assert docker.ran == [["webstack-purge", "shop"]]
    with pytest.raises(OpsError, match="nginx could not be told: no such command"):
        purge(Docker(126), "nginx", ["shop"])
