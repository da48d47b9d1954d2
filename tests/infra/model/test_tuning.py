"""PostgreSQL's settings fit the memory of its container."""

from __future__ import annotations

import pytest

from infra.model.tuning import shared_memory, tuning
from infra.settings.data_servers import Postgres


def number(text: str) -> int:
    return int(text.rstrip("kMB"))


@pytest.mark.parametrize("memory", [128, 256, 512, 1024, 4096, 65536])
def test_what_all_sessions_may_take_fits_the_memory(memory: int):
    found = tuning(Postgres(memory=memory))
    buffers = number(found["shared_buffers"])
    sorting = number(found["work_mem"]) * number(found["max_connections"]) / 1024
    # Few sessions sort at a time; all at once may take what is left.
    assert buffers + sorting / 2 + number(found["maintenance_work_mem"]) <= memory
    assert buffers <= memory // 2
    assert number(found["effective_cache_size"]) < memory


def test_a_small_one_caches_as_much_as_a_large_default():
    assert tuning(Postgres(memory=256))["shared_buffers"] == "128MB"
    assert tuning(Postgres(memory=4096))["shared_buffers"] == "1024MB"


@pytest.mark.parametrize("memory", [128, 256, 65536])
def test_the_log_that_a_crash_leaves_is_read_within_the_start_period(memory: int):
    """363 MB took 77 s on a busy machine, and the health check waits for 300 s."""
    assert 192 <= number(tuning(Postgres(memory=memory))["max_wal_size"]) <= 1024


def test_it_listens_on_no_network():
    assert tuning(Postgres())["listen_addresses"] == ""


@pytest.mark.parametrize(("cpus", "parallel"), [(0.5, "0"), (1.0, "0"), (2.0, "1"), (16.0, "3")])
def test_one_query_leaves_a_cpu_to_others(cpus: float, parallel: str):
    assert tuning(Postgres(cpus=cpus))["max_parallel_workers_per_gather"] == parallel


def test_shared_memory_is_at_least_what_the_daemon_would_give():
    assert [shared_memory(memory) for memory in (128, 1024)] == [64, 256]
