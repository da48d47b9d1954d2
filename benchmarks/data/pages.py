"""Measures a page with five queries: over which way, with a connection of its own, or cached."""

from __future__ import annotations

import json
from collections.abc import Iterator

from benchmarks.data.servers import SOCKETS, Place, docker

_PAGE = """
import json, sys, threading, time
import psycopg, redis
ways, seconds, threads = json.loads(sys.argv[1]), float(sys.argv[2]), 4

QUERY = "SELECT abalance FROM pgbench_accounts WHERE aid = %s"

def queries(connection):
    for number in range(5):
        connection.execute(QUERY, (number,)).fetchall()

def pages(way):
    url, kept, cached = ways[way]
    done, stop = [0] * threads, time.monotonic() + seconds
    def work(own):
        connection = psycopg.connect(url, autocommit=True) if kept else None
        cache = redis.Redis(unix_socket_path="/run/valkey/valkey.sock") if cached else None
        while time.monotonic() < stop:
            if cache and cache.get("page"):
                pass
            elif connection:
                queries(connection)
            else:
                with psycopg.connect(url, autocommit=True) as fresh:
                    queries(fresh)
            if cache and done[own] == 0:
                cache.set("page", "x" * 2000)
            done[own] += 1
        if connection:
            connection.close()
    workers = [threading.Thread(target=work, args=(own,)) for own in range(threads)]
    for worker in workers: worker.start()
    for worker in workers: worker.join()
    return sum(done) / seconds

print(json.dumps({way: pages(way) for way in ways}))
"""
_VALKEY = ("valkey-server", "--port", "0", "--unixsocket", "/run/valkey/valkey.sock")
_ANYBODY = ("--unixsocketperm", "777", "--save", "", "--appendonly", "no")


def measured(place: Place, words: list[str], seconds: float) -> Iterator[tuple[str, float]]:
    """Give the pages per second of each way: four threads of one process, 5 queries a page."""
    sockets = f"--volume={place.name}:{SOCKETS}"
    ready = ("valkey-cli", "-s", "/run/valkey/valkey.sock", "ping")
    cache = ("--volume=/run/valkey", "--user=0:0")
    with (
        place.postgres(256, words, sockets) as server,
        place.container(
            "valkey", (*_VALKEY, *_ANYBODY), ready, *cache, "--volume=/run/valkey"
        ) as own,
    ):
        docker("exec", server, "pgbench", "-i", "-q", "-s", "1", "postgres")
        url = {
            "socket": f"postgresql://postgres@/postgres?host={SOCKETS}",
            "TCP": f"postgresql://postgres@{server}/postgres",
        }
        ways = {
            "socket, a connection for each page": (url["socket"], False, False),
            "TCP, a connection for each page": (url["TCP"], False, False),
            "socket, kept connections": (url["socket"], True, False),
            "TCP, kept connections": (url["TCP"], True, False),
            "from the cache": (url["socket"], True, True),
        }
        said = docker(
            *(
                "run",
                "--rm",
                "--label",
                f"bench={place.name}",
                "--network",
                place.name,
                "--user=0:0",
            ),
            *(sockets, f"--volumes-from={own}", "--entrypoint=python3", place.images["shop"]),
            *("-c", _PAGE, json.dumps(ways), str(seconds)),
        )
        yield from json.loads(said).items()
