"""A program of the project lays records of DNS, and what it fails with is told in one line."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from keeper import hook
from keeper.errors import OrderError
from keeper.hook import Hook

PAGE = Path(__file__).parents[3] / "docs/dns-hooks.md"
NAME = "_acme-challenge.shop.example.com"


def made(tmp_path: Path, text: str) -> Hook:
    file = tmp_path / "dns.py"
    file.write_text(text)
    return Hook(file)


def test_it_is_told_what_to_do_with_which_record(tmp_path: Path):
    said = tmp_path / "said"
    program = made(tmp_path, f"import sys; open({str(said)!r}, 'a').write(f'{{sys.argv[1:]}} ')")
    program.run("present", NAME, "value")
    program.run("remove", NAME, "value")
    assert said.read_text() == f"['present', '{NAME}', 'value'] ['remove', '{NAME}', 'value'] "


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "import sys; sys.exit('first\\nlast \\x1b[31m line')",
            r"did not present .*: last .* line$",
        ),
        ("raise ValueError('no zone')", r": ValueError: no zone$"),
        ("import os; os._exit(3)", r": exit code 3$"),
        ("import sys; sys.exit('x' * 9999)", r": x+$"),
    ],
)
def test_what_it_fails_with_is_one_bounded_line(tmp_path: Path, text: str, said: str):
    with pytest.raises(OrderError, match=said) as caught:
        made(tmp_path, text).run("present", NAME, "value")
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) <= 300


def test_one_that_does_not_end_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(hook, "_LONGEST", 0.2)
    with pytest.raises(OrderError, match=r"did not remove .* within 0\.2 s"):
        made(tmp_path, "import time; time.sleep(60)").run("remove", NAME, "value")


class Provider(ThreadingHTTPServer):
    """Both providers, as far as their pages are used: one has records, the other sets of them."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Requests)
        self.records: dict[str, tuple[str, str]] = {}
        self.sets: dict[str, list[str]] = {}

    def answer(self, method: str, path: str, query: dict[str, Any], said: Any) -> tuple[int, Any]:
        if path == "/zones/zone-1/dns_records":
            if method == "POST":
                self.records[str(len(self.records))] = (said["name"], said["content"])
            wanted = query.get("name", [None])[0]
            found = self.records.items()
            return 200, {
                "result": [{"id": id_, "content": c} for id_, (n, c) in found if n == wanted]
            }
        if method == "DELETE":
            return 200, {"result": self.records.pop(path.rpartition("/")[2])[0]}
        if method == "PUT":
            self.sets.update({each["subname"]: each["records"] for each in said})
            self.sets = {name: values for name, values in self.sets.items() if values}
            return 200, said
        below = path.split("/")[4]
        return (200, {"records": self.sets[below]}) if below in self.sets else (404, {})


class Requests(BaseHTTPRequestHandler):
    """Hands requests to the provider, if they have its token."""

    server: Provider

    def _answer(self) -> None:
        text = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        address = urlsplit(self.path)
        status, said = 403, {"detail": "no token"}
        if self.headers["Authorization"].endswith(" secret"):
            query = parse_qs(address.query)
            status, said = self.server.answer(
                self.command, address.path, query, json.loads(text or b"null")
            )
        body = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_DELETE = _answer  # noqa: N815 - names of the library

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def provider() -> Iterator[Provider]:
    with Provider() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def documented(
    number: int, provider: Provider, zone: str, *words: str, token: str = "secret"
) -> Any:
    """Run one of the programs that the page shows."""
    program = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)[number]
    said = {"API": f"http://127.0.0.1:{provider.server_port}", "ZONE": zone, "TOKEN": token}
    return subprocess.run(
        [sys.executable, "-c", program, *words],
        env={**os.environ, **said, "WAIT": "0"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_first_program_adds_records_and_takes_away_its_own(provider: Provider):
    for value in ("one", "two"):
        assert documented(0, provider, "zone-1", "present", NAME, value).returncode == 0
    assert sorted(provider.records.values()) == [(NAME, '"one"'), (NAME, '"two"')]
    assert documented(0, provider, "zone-1", "remove", NAME, "one").returncode == 0
    assert list(provider.records.values()) == [(NAME, '"two"')]


def test_the_second_program_keeps_the_other_values_of_a_name(provider: Provider):
    for value in ("one", "two"):
        assert documented(1, provider, "example.com", "present", NAME, value).returncode == 0
    assert provider.sets == {"_acme-challenge.shop": ['"one"', '"two"']}
    for value in ("one", "two"):
        assert documented(1, provider, "example.com", "remove", NAME, value).returncode == 0
    assert provider.sets == {}


@pytest.mark.parametrize("number", [0, 1])
def test_a_refusal_is_told_without_the_token(provider: Provider, number: int):
    done = documented(number, provider, "zone-1", "present", NAME, "one", token="of nobody")
    assert done.returncode == 1
    assert " says 403: " in done.stderr
    assert "of nobody" not in done.stderr
