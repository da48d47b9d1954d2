"""A server of any image is reached by who needs it, is ready before, and keeps its data."""

from __future__ import annotations

import json
from typing import Any

import pytest

pytestmark = pytest.mark.docker

SERVER = """\
ARG PYTHON
FROM ${PYTHON}
RUN install -d /keep && printf '%s\\n' "import os, http.server as h" \
  "s = open('/run/secrets/KEY').read()" \
  "n = '/keep/starts'" \
  "c = int(open(n).read()) + 1 if os.path.exists(n) else 1" \
  "open(n, 'w').write(str(c))" \
  "class A(h.BaseHTTPRequestHandler):" \
  "    def do_GET(self):" \
  "        self.send_response(200); self.end_headers()" \
  "        self.wfile.write(f'{c} {self.headers.get(\\"Key\\") == s}'.encode())" \
  "h.HTTPServer(('', 7000), A).serve_forever()" > /server.py
STOPSIGNAL SIGINT
CMD ["python3", "/server.py"]
"""
ASK = """import os, urllib.request as u
at = f"http://{os.environ['SEARCH_HOST']}:{os.environ['SEARCH_PORT']}"
print(u.urlopen(u.Request(at, headers={"Key": os.environ["KEY"]}), timeout=5).read().decode())"""
REACH = "import socket; socket.create_connection(('search', 7000), 2)"
HEALTH = ["python3", "-c", "import urllib.request as u; u.urlopen('http://localhost:7000')"]


def test_a_server_is_ready_for_who_needs_it_and_restarts_on_its_data(project: Any):
    folder = project.root / "servers" / "search"
    folder.mkdir(parents=True)
    (folder / "Dockerfile").write_text(SERVER)
    server = {
        "source": "servers/search",
        "port": 7000,
        "health": HEALTH,
        "volumes": {"data": "/keep"},
        "secret_files": {"KEY": {}},
    }

    def needed(config: dict[str, Any]) -> None:
        shop = config["webstack:services"]["shop"]
        shop |= {"needs": ["search"], "before_release": ["python3", "-c", ASK]}
        shop["secret_environment"]["KEY"] = {"of": "search.KEY"}
        config["webstack:stateful"] = {"search": server}

    project.change_settings(needed)
    done = project.up()
    assert "1 True" in done.stdout
    project.webstack("preview", "--expect-no-changes")

    found = json.loads(project.docker("inspect", f"{project.project}-dev-search"))[0]
    assert found["HostConfig"]["ReadonlyRootfs"]
    assert found["HostConfig"]["PidsLimit"] == 128
    assert found["HostConfig"]["CapDrop"] == ["ALL"]
    assert "KEY" not in json.dumps(found["Config"]["Env"])
    assert not found["NetworkSettings"]["Ports"]
    [wiki] = [name for name in project.containers() if "-wiki-" in name]
    reached = project.webstack("exec", "wiki", "--", "python3", "-c", REACH, check=False)
    assert reached.returncode != 0, wiki

    project.docker("stop", f"{project.project}-dev-search")
    assert project.webstack("status", check=False).returncode == 1

    project.change_settings(
        lambda config: config["webstack:stateful"]["search"].update({"memory": 300})
    )
    assert "search" in (said := project.webstack("preview").stdout)
    assert "restarts, about 3 s" in said
    project.up()
    again = project.webstack("exec", "shop", "--", "python3", "-c", ASK)
    assert again.stdout.strip() == "2 True"

    project.change_settings(
        lambda config: config["webstack:stateful"]["search"].update(
            {"health": ["false"], "start_timeout": 3}
        )
    )
    failed = project.webstack("up", "--yes", check=False)
    assert failed.returncode == 1
    assert "did not become healthy in 3 s" in failed.stdout + failed.stderr
    assert project.get("/").status == 200
