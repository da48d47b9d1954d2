"""The usage of a container is computed as `docker stats` does it."""

from typing import Any

from webstack.cli.daemon.looks.usage import measured, usage
from webstack.docker.errors import NotFoundError

STATS = {
    "cpu_stats": {
        "cpu_usage": {"total_usage": 300},
        "system_cpu_usage": 2000,
        "online_cpus": 2,
    },
    "precpu_stats": {"cpu_usage": {"total_usage": 100}, "system_cpu_usage": 1000},
    "memory_stats": {"usage": 100, "limit": 400, "stats": {"inactive_file": 30}},
    "networks": {
        "eth0": {"rx_bytes": 5, "tx_bytes": 7},
        "eth1": {"rx_bytes": 1, "tx_bytes": 2},
    },
    "pids_stats": {"current": 3},
}


def test_cpu_is_of_one_cpu_memory_without_cache_and_networks_are_summed():
    found = usage(STATS)
    assert found.cpu == 40.0
    assert (found.memory, found.memory_limit) == (70, 400)
    assert (found.received, found.sent, found.processes) == (6, 9, 3)


def test_one_look_alone_tells_no_share_and_a_container_without_networks_sends_nothing():
    found = usage({**STATS, "precpu_stats": {"cpu_usage": {"total_usage": 0}}, "networks": None})
    assert found.cpu is None
    assert (found.received, found.sent) == (0, 0)


def test_a_container_that_has_gone_since_is_left_out():
    class Daemon:
        def stats(self, name: str, stream: bool) -> Any:
            assert stream is False
            if name == "gone":
                raise NotFoundError("gone")
            return STATS

    assert list(measured(Daemon(), ["here", "gone"])) == ["here"]
    assert measured(Daemon(), []) == {}
