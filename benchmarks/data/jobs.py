"""Measures how many small tasks a worker of Celery does: as we start it, and as it comes."""

from __future__ import annotations

import json

from benchmarks.data.servers import Place, docker
from infra.model import celery
from infra.settings.roles import Celery, Role

_TASKS = """
import os
from celery import Celery
app = Celery("tasks", broker=os.environ["BROKER"], backend=None)
app.conf.task_ignore_result = True
@app.task
def nothing(): pass
"""
_SENDS = """
import json, sys, time
sys.path.insert(0, "/tmp")
from tasks import app, nothing
import redis
count, url = int(sys.argv[1]), sys.argv[2]
valkey = redis.from_url(url.replace("redis+socket://", "unix://"))
began = time.monotonic()
for _ in range(count): nothing.delay()
while valkey.llen("celery") or valkey.hlen("unacked"): time.sleep(0.02)
print(json.dumps(count / (time.monotonic() - began)))
"""
_SOCKET = "/run/valkey/valkey.sock"


def measured(place: Place, count: int) -> tuple[float, float]:
    """Give tasks per second over a socket with our settings, and over TCP with Celery's own."""
    own = ("--port", "6379", "--protected-mode", "no", "--unixsocket", _SOCKET)
    kept = ("--unixsocketperm", "777", "--save", "", "--appendonly", "yes", "--dir", "/tmp")
    options = ("--tmpfs=/tmp:mode=1777", "--user=0:0", "--volume=/run/valkey")
    ready = ("valkey-cli", "-s", _SOCKET, "ping")
    command = ("valkey-server", *own, *kept)
    with place.container("valkey", command, ready, *options) as name:
        wanted = Celery(app="tasks", concurrency=2)
        worker = [*celery.command(Role(celery=wanted), wanted)]
        ours = _rate(place, name, f"redis+socket://{_SOCKET}", worker, count)
        stock = ["celery", "-A", "tasks", "worker", "-c", "2"]
        return ours, _rate(place, name, f"redis://{name}:6379/0", stock, count)


def _rate(place: Place, server: str, broker: str, command: list[str], count: int) -> float:
    """Start a worker, send tasks, and give how many were done in each second."""
    script = 'printf "%s" "$TASKS" > /tmp/tasks.py; cd /tmp; exec "$@"'
    options = (
        *("--user=0:0", "--tmpfs=/tmp:mode=1777,exec", f"--volumes-from={server}"),
        *("--env", f"BROKER={broker}", "--env", f"TASKS={_TASKS}", "--env", "C_FORCE_ROOT=1"),
        *("--env", "CELERY_BROKER_URL=" + broker),
    )
    ready = ("sh", "-c", "test -s /tmp/tasks.py && sleep 6")
    words = ("sh", "-c", script, "sh", *command)
    with place.container("shop", words, ready, *options) as name:
        said = docker("exec", name, "python3", "-c", _SENDS, str(count), broker)
        return float(json.loads(said))
