"""The whole stack serves through one port: by path, by host, and static files."""

from __future__ import annotations

import http.client
import json
import re
import time
from collections import Counter
from typing import Any

import pytest

pytestmark = pytest.mark.docker


@pytest.mark.parametrize(
    ("path", "host"),
    [
        ("/", "localhost"),
        ("/", "shop.localhost"),
        ("/wiki/", "localhost"),
        ("/", "wiki.localhost"),
    ],
)
def test_each_service_greets_by_path_and_by_host(stack: Any, path: str, host: str):
    answer = stack.get(path, host)
    assert answer.status == 200
    assert "Hello, World!" in answer.text


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/wiki/healthz", "/wiki/readyz"])
def test_each_service_is_healthy_and_ready(stack: Any, path: str):
    assert stack.get(path).status == 200


def test_an_unknown_host_gets_nothing(stack: Any):
    answer = stack.get("/", "evil.example.com")
    assert answer.status == 404
    assert "Hello" not in answer.text


def test_a_prefix_without_slash_leads_to_the_service(stack: Any):
    answer = stack.get("/wiki")
    assert answer.status in {301, 302, 307, 308}
    assert answer.headers["location"] == "/wiki/"


def static_files(page: str) -> set[str]:
    return set(re.findall(r'(?:href|src)="([^"]*/static/[^"]+)"', page))


@pytest.mark.parametrize(
    ("path", "host"),
    [("/", "localhost"), ("/wiki/", "localhost"), ("/", "wiki.localhost")],
)
def test_static_files_are_served_by_hash_for_ever(stack: Any, path: str, host: str):
    found = static_files(stack.get(path, host).text)
    kinds = {name.rpartition(".")[2] for name in found}
    assert {"css", "js"} <= kinds
    for name in found:
        assert re.search(r"\.[0-9a-f]{8,}\.", name), name
        answer = stack.get(name, host)
        assert answer.status == 200, name
        assert "immutable" in answer.headers["cache-control"]


def test_static_files_come_compressed(stack: Any):
    sheet = next(name for name in static_files(stack.get("/").text) if name.endswith(".css"))
    plain = stack.get(sheet)
    for encoding in ("gzip", "br"):
        packed = stack.get(sheet, **{"Accept-Encoding": encoding})
        assert packed.headers["content-encoding"] == encoding
        assert len(packed.body) < len(plain.body)


def test_a_hash_that_no_release_has_is_not_cached(stack: Any):
    answer = stack.get("/static/app.0123456789ab.css")
    assert answer.status == 404
    assert answer.headers["cache-control"] == "no-store"


def tally(stack: Any) -> Counter[tuple[str, str]]:
    """Give how many requests of a day were counted, by service and status."""
    said = json.loads(stack.webstack("top", "--json", "--span", "86400").stdout)
    assert (said["unread"], said["trouble"]) == (0, "")
    for row in said["rows"]:
        assert sum(row["routes"].values()) == sum(row["statuses"].values()) == row["requests"]
        assert (row["p50"] or 0) <= (row["p95"] or 0) <= (row["p99"] or 0) < 30
    return Counter(
        {(row["service"], code): n for row in said["rows"] for code, n in row["statuses"].items()}
    )


def counted(stack: Any) -> Counter[tuple[str, str]]:
    """Give the same with all requests until now: nginx tells them in their order."""
    fence = ("", "405")
    before = tally(stack)[fence]
    assert stack.request("TRACE", "/").status == 405
    until = time.monotonic() + 60
    while (found := tally(stack))[fence] == before:
        assert time.monotonic() < until, found
    return found - Counter({fence: found[fence]})


def test_each_request_is_counted_once(stack: Any):
    sheet = next(name for name in static_files(stack.get("/").text) if name.endswith(".css"))
    before = counted(stack)
    connection = http.client.HTTPConnection("127.0.0.1", stack.port, timeout=20)
    asked: Counter[tuple[str, str]] = Counter()
    for service, path, times in (
        *(("shop", "/", 100), ("wiki", "/wiki/", 50)),
        *(("shop", sheet, 100), ("wiki", "/wiki", 10), ("shop", '/\x1b[2J\\x22"} 1', 40)),
    ):
        for _ in range(times):
            connection.request("GET", path.replace("\x1b", "%1B").replace(" ", "%20"))
            answer = connection.getresponse()
            answer.read()
            asked[service, str(answer.status)] += 1
    connection.close()
    assert counted(stack) - before == asked
    assert sum(asked.values()) == 300
    shown = stack.webstack("top").stdout
    assert re.search(r"^shop +[0-9a-f]{8} ", shown, re.MULTILINE)
    assert "requests in the last" in stack.webstack("status").stdout


def test_outputs_have_their_documented_shape(stack: Any):
    outputs = stack.outputs()
    assert set(outputs) == {"url", "services", "release"}
    assert outputs["url"] == f"http://localhost:{stack.port}/"
    assert set(outputs["services"]) == {"shop", "wiki"}
    for service in outputs["services"].values():
        assert set(service) == {"url", "image", "containers"}
    running = {c for s in outputs["services"].values() for c in s["containers"]}
    assert running == set(stack.containers())


def test_only_the_holder_publishes_a_port(stack: Any):
    own = f"label=webstack.project={stack.project}"
    lines = stack.docker("ps", "--filter", own, "--format", "{{.Names}} {{.Ports}}").splitlines()
    published = [line.split()[0] for line in lines if "->" in line]
    assert published == [f"{stack.project}-dev-proxy-holder-{stack.port}"]


def test_containers_are_hardened_on_the_engine(stack: Any):
    for role in ("service", "proxy", "holder", "metrics"):
        for name in stack.containers(role):
            found = json.loads(stack.docker("inspect", name))[0]
            host, config = found["HostConfig"], found["Config"]
            assert host["ReadonlyRootfs"]
            assert host["CapDrop"] == ["ALL"]
            assert "no-new-privileges:true" in host["SecurityOpt"]
            assert host["PidsLimit"] > 0
            assert host["Memory"] > 0
            assert host["NanoCpus"] > 0
            assert not host["Privileged"]
            assert int(config["User"].partition(":")[0]) >= 10_000
            assert config["Healthcheck"]["Test"]
            assert found["RestartCount"] == 0


def test_a_generated_secret_is_nowhere_to_be_read(stack: Any):
    name = stack.outputs()["services"]["shop"]["containers"][0]
    found = json.loads(stack.docker("inspect", name))[0]
    key = next(
        line.partition("=")[2] for line in found["Config"]["Env"] if line.startswith("SECRET_KEY=")
    )
    assert len(key) >= 50
    state = "".join(
        file.read_text(errors="replace")
        for file in (stack.root / ".state").rglob("*")
        if file.is_file()
    )
    assert key not in state
    assert key not in json.dumps(found["Config"]["Labels"])
    assert key not in stack.docker("logs", name)
    assert key not in stack.webstack("outputs", "--json").stdout


def test_a_second_up_finds_nothing_to_change(stack: Any):
    before = stack.containers()
    done = stack.webstack("preview", "--expect-no-changes")
    assert "unchanged" in done.stdout
    stack.up()
    assert stack.containers() == before


def test_the_certificates_of_builds_are_in_no_image_that_runs(stack: Any):
    for name in stack.containers():
        listed = stack.docker("exec", name, "sh", "-c", "ls /etc/ssl /etc/pip.conf 2>&1; true")
        assert "build-certificates" not in listed
        assert "No such file" in listed
