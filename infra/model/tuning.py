"""Settings of PostgreSQL for the memory and the CPUs that it has: pure."""

from __future__ import annotations

from infra.settings.data_servers import Postgres

_MEMORY_OF_PROCESSES = 4
"""The share of the memory, one in so many, that all sessions may sort and hash in."""


def shared_memory(memory: int) -> int:
    """Give the MiB that parallel queries may share: the daemon's 64 are too few for a join."""
    return max(64, memory // 4)


def tuning(wanted: Postgres) -> dict[str, str]:
    """Give PostgreSQL's own settings, but only those that differ from its defaults.

    Half of a small memory is its cache, and a quarter of a large one. The write-ahead log is short,
    so that a start after a crash takes seconds: 363 MB of it took more than a minute.
    """
    memory, connections = wanted.memory, wanted.most_connections
    buffers = max(memory // 4, min(memory // 2, 128))
    work = max(1024, min(64 * 1024, memory * 1024 // _MEMORY_OF_PROCESSES // connections * 2))
    parallel = max(0, min(4, int(wanted.cpus)) - 1)
    return {
        "listen_addresses": "",
        "unix_socket_directories": "/run/postgresql",
        "unix_socket_permissions": "0777",
        "max_connections": str(connections),
        "shared_buffers": f"{buffers}MB",
        "effective_cache_size": f"{memory * 3 // 4}MB",
        "work_mem": f"{work}kB",
        "maintenance_work_mem": f"{max(16, memory // 16)}MB",
        "autovacuum_max_workers": "2" if memory < 1024 else "3",
        "max_parallel_workers_per_gather": str(parallel),
        "max_wal_size": f"{max(192, min(1024, memory // 2))}MB",
        "min_wal_size": "80MB",
        "wal_compression": "lz4",
        "huge_pages": "off",
        "jit": "off",
        "random_page_cost": "1.1",
        "log_line_prefix": "%q%u@%d ",
        "log_checkpoints": "off",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "idle_in_transaction_session_timeout": "10min",
        "archive_mode": "on",
        "archive_command": "webstack-pgbackrest %p",
        "archive_timeout": "60s",
    }
