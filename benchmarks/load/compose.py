"""Run the same images under docker-compose, so that a reader sees what a release avoids."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.load.trial import LONGEST_UP, TrialError, ask, free_port
from benchmarks.load.wire import Answer

COMMAND = "docker-compose"
NGINX_CONF = """
pid /tmp/nginx.pid;
error_log stderr;
events {}
http {
    access_log off;
    client_body_temp_path /tmp/body;
    proxy_temp_path /tmp/proxy;
    fastcgi_temp_path /tmp/fastcgi;
    uwsgi_temp_path /tmp/uwsgi;
    scgi_temp_path /tmp/scgi;
    server {
        listen 8080;
        location / {
            proxy_pass http://load:8000;
            proxy_set_header Host $http_host;
        }
    }
}
"""
START_NGINX = (
    "printenv CONFIGURATION > /tmp/nginx.conf && exec nginx -c /tmp/nginx.conf -g 'daemon off;'"
)


@dataclass
class Compose:
    """A compose project of nginx and the service under load."""

    folder: Path
    project: str
    proxy_image: str
    image: str
    grace: int
    port: int = field(default_factory=free_port)
    greeting: str = "one"
    memory: int = 128
    command: list[str] | None = None

    def up(self, until: Callable[[], bool]) -> float:
        """Run ``up -d`` with the current declaration; gives the seconds until it was live."""
        began = time.monotonic()
        self._run("up", "-d")
        while not until():
            if time.monotonic() - began > LONGEST_UP:
                raise TrialError("the change is not live")
            time.sleep(0.05)
        return time.monotonic() - began

    def remove(self) -> None:
        """Take the compose project away."""
        self._run("down", "-v", "-t", "1")

    def _run(self, *arguments: str) -> None:
        file = self.folder / "docker-compose.json"
        file.write_text(json.dumps(self._declared()))
        command = [COMMAND, "-f", str(file), "-p", self.project, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise TrialError(f"{' '.join(arguments)} failed\n{done.stderr}")

    def _declared(self) -> dict[str, Any]:
        gunicorn = "--bind 0.0.0.0:8000 --workers 2 --threads 32"
        load = {
            "image": self.image,
            "environment": {
                "GREETING": self.greeting,
                "GUNICORN_CMD_ARGS": f"{gunicorn} --graceful-timeout {self.grace}",
            },
            "stop_grace_period": f"{self.grace + 5}s",
            "restart": "unless-stopped",
            **({"command": self.command} if self.command else {}),
        }
        nginx = {
            "image": self.proxy_image,
            "command": ["sh", "-c", START_NGINX],
            "environment": {"CONFIGURATION": NGINX_CONF.replace("$", "$$")},
            "ports": [f"127.0.0.1:{self.port}:8080"],
            "depends_on": ["load"],
            "mem_limit": f"{self.memory}m",
            "restart": "unless-stopped",
        }
        return {"version": "2.4", "services": {"load": load, "nginx": nginx}}


def installed() -> bool:
    """Tell whether this machine has docker-compose."""
    return shutil.which(COMMAND) is not None


@contextmanager
def running(peer: Compose) -> Iterator[None]:
    """Bring the compose project up, and take it away in the end."""
    try:
        peer.up(lambda: _differs(None, ask(peer.port), "x-greeting"))
        yield
    finally:
        peer.remove()


def scenarios(peer: Compose, other_image: str) -> Iterator[tuple[str, Callable[[], float]]]:
    """Give the changes to the project; each one is live as soon as an answer shows it."""
    first = peer.image
    yield "new code", lambda: _changed(peer, "x-version", image=other_image)
    yield "new environment value", lambda: _changed(peer, "x-greeting", greeting="two")
    yield "new limits of nginx", lambda: _changed(peer, memory=peer.memory + 1)
    yield "bad release: exits at once", lambda: _changed(peer, command=["false"])
    yield "rollback of that", lambda: _changed(peer, command=None)
    yield "rollback of the code", lambda: _changed(peer, "x-version", image=first)


def _changed(peer: Compose, header: str = "", **changes: Any) -> float:
    """Change the declaration; without a header the change is live as soon as ``up`` has ended."""
    before = ask(peer.port)
    for name, value in changes.items():
        setattr(peer, name, value)
    return peer.up(lambda: not header or _differs(before, ask(peer.port), header))


def _differs(before: Answer | None, after: Answer | None, header: str) -> bool:
    old = before.headers.get(header) if before else None
    return after is not None and after.headers.get(header) not in (None, old)
