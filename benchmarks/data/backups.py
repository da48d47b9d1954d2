"""Measures backups and restores beside those of pg_dump and zstd, in seconds for each GB."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from benchmarks.data.servers import Place, docker, timed

_GB = 1e9
_BACK = "pgbackrest --config=/var/lib/postgresql/pgbackrest.conf --stanza=main"


def measured(place: Place, words: Sequence[str], scale: int) -> Iterator[tuple[str, float, float]]:
    """Give what is done, our seconds for each GB of the database, and those of the other way."""
    with place.postgres(1024, words, "--volume=/var/lib/pgbackrest", "--volume=/dump") as server:
        docker("exec", "-u", "0", server, "chown", "-R", "10200", "/var/lib/pgbackrest", "/dump")
        docker("exec", server, "pgbench", "-i", "-q", "-s", str(scale), "postgres")
        size = int(docker("exec", server, "psql", "-XqAtc", "SELECT pg_database_size('postgres')"))
        docker("exec", "-i", server, "webstack-backup", "configure", "2", given="a key\n")
        docker("exec", server, "sh", "-c", f"{_BACK} stanza-create")
        own = timed(server, f"{_BACK} backup --type=full")
        dumped = timed(server, "pg_dump postgres | zstd -q -f -o /dump/all.zst")
        yield "back up", own / size * _GB, dumped / size * _GB
        restored = timed(
            server,
            f"mkdir -p /var/lib/postgresql/restored/data && {_BACK} restore --type=immediate "
            "--pg1-path=/var/lib/postgresql/restored/data && rm -r /var/lib/postgresql/restored",
        )
        docker("exec", server, "createdb", "other")
        loaded = timed(server, "zstd -dc /dump/all.zst | psql -q -X -v ON_ERROR_STOP=1 other")
        yield "restore", restored / size * _GB, loaded / size * _GB
