"""Whoever is to know is told once of what is wrong, and once that it is over."""

from __future__ import annotations

import json
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from meter import telling, watching
from meter.incidents import Incidents
from meter.rules import Finding, Rules, Seen, found
from meter.watching import Watch

from tests.proxy.metrics.test_metering import NEW, Place, line

NOW = 1_795_932_000.0
ROW = {"service": "shop", "release": "1a", "requests": 1000, "errors": 0, "p95": 0.2}


def keys(rules=None, **changes):
    seen = {"rows": [ROW], "replicas": {"shop-0": True}, "disk": 40.0, **changes}
    return [*found(rules or Rules(), Seen(**seen))]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"rows": [{**ROW, "errors": 10}]}, []),
        ({"rows": [{**ROW, "errors": 11}]}, ["errors shop 1a"]),
        ({"rows": [{**ROW, "requests": 4, "errors": 2}]}, []),
        ({"rows": [{**ROW, "service": "", "release": "", "errors": 900}]}, ["errors nginx"]),
        ({"replicas": {"shop-0": True, "shop-1": False}}, ["replica shop-1"]),
        ({"replicas": None}, ["nginx"]),
        ({"disk": 91.0}, ["disk"]),
        ({"certificate_days": 6.9}, ["certificate"]),
        ({"certificate_days": 7.0}, []),
        ({"trouble": "no room"}, ["metrics"]),
    ],
)
def test_a_rule_finds_what_is_beyond_its_bound(changes, expected):
    assert keys(**changes) == expected


def test_durations_have_a_bound_only_where_one_is_set():
    slow = [{**ROW, "p95": 3.0}]
    assert keys(rows=slow) == []
    assert keys(Rules(p95=2.5), rows=slow) == ["p95 shop 1a"]
    assert keys(Rules(p95=3.5), rows=slow) == []
    assert keys(Rules(p95=2.5), rows=[{**slow[0], "requests": 19}]) == []


WRONG = {"disk": Finding("the disk is full", 60)}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "incidents.json"


def told(incidents):
    """Take all messages that are due, in their order."""
    messages = []
    while due := [*incidents.untold()]:
        for incident, channel, text in due:
            messages.append((channel, text))
            incidents.was_told(incident, channel)
    return messages


def test_an_incident_is_told_once_and_so_is_its_end(path):
    incidents = Incidents(path, ["webhook"])
    messages = []
    for tick in range(0, 600, 5):
        wrong = 100 <= tick < 300
        incidents.see(WRONG if wrong else {}, NOW + tick, tick)
        messages += [(tick, text) for _, text in told(incidents)]
    assert messages == [(160, "alarm: the disk is full"), (355, "over: the disk is full")]


def test_what_is_over_before_it_was_held_is_not_told(path):
    incidents = Incidents(path, ["webhook"])
    for tick in range(0, 600, 5):
        incidents.see(WRONG if tick % 60 < 50 else {}, NOW + tick, tick)
    assert told(incidents) == []


def test_what_comes_and_goes_within_a_minute_is_one_incident(path):
    incidents = Incidents(path, ["webhook"])
    for tick in range(0, 600, 5):
        incidents.see({"x": Finding("flaps")} if tick % 60 < 30 else {}, NOW + tick, tick)
    assert told(incidents) == [("webhook", "alarm: flaps")]


def test_who_was_told_is_known_after_a_restart(path):
    first = Incidents(path, ["webhook"])
    first.see({"x": Finding("wrong")}, NOW, 10)
    assert told(first) == [("webhook", "alarm: wrong")]
    again = Incidents(path, ["webhook", "email"])
    again.see({"x": Finding("wrong")}, NOW + 5, 0)
    assert told(again) == [("email", "alarm: wrong")]
    again.see({}, NOW + 10, 5)
    again.see({}, NOW + 70, 65)
    assert told(again) == [("webhook", "over: wrong"), ("email", "over: wrong")]


def test_a_clock_that_is_put_back_ends_nothing_and_keeps_nothing_open(path):
    incidents = Incidents(path, ["webhook"])
    incidents.see({"x": Finding("wrong")}, NOW, 0)
    incidents.see({}, NOW - 86_400, 5)
    assert len(incidents.open) == 1
    incidents.see({}, NOW - 86_340, 65)
    assert incidents.open == []


def test_nobody_is_told_of_what_happens_in_a_silence(path):
    incidents = Incidents(path, ["webhook"])
    incidents.silent_until = NOW + 100
    incidents.see({"x": Finding("wrong")}, NOW, 0)
    assert told(incidents) == []
    incidents.see({}, NOW + 200, 200)
    assert told(incidents) == [("webhook", "over: wrong")]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"incidents": [{"odd": 1}]}', "null"])
def test_a_damaged_file_is_begun_anew(path, text):
    path.write_text(text)
    assert Incidents(path, []).known == []


def test_no_room_for_the_file_keeps_nobody_from_being_told(tmp_path):
    incidents = Incidents(tmp_path / "missing" / "incidents.json", ["webhook"])
    incidents.see({"x": Finding("wrong")}, NOW, 0)
    assert told(incidents) == [("webhook", "alarm: wrong")]


class Receiver:
    """Takes messages at an address, as long as it is ``open``."""

    def __init__(self) -> None:
        self.messages: list[dict[str, str]] = []
        self.asked = 0
        self.open = True
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if receiver.open:
                    receiver.messages.append(json.loads(body))
                self.send_response(200 if receiver.open else 503)
                self.end_headers()

            def do_GET(self):
                receiver.asked += 1
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def texts(self):
        return [each["text"] for each in self.messages]


@pytest.fixture
def receiver(monkeypatch):
    found = Receiver()
    monkeypatch.setenv("ALARM_WEBHOOK", f"{found.url}/T0/secret")
    monkeypatch.setenv("ALARM_HEARTBEAT", f"{found.url}/beat")
    monkeypatch.setenv("STACK", "shop-dev")
    monkeypatch.setenv("PYTHONPATH", "proxy/metrics")
    monkeypatch.chdir(__file__.partition("/tests/")[0])
    yield found
    found.server.shutdown()
    found.server.server_close()


def test_errors_reach_an_address_that_is_away_for_a_while(tmp_path, receiver, capfd):
    place = Place(tmp_path)
    place.turn(NEW, time.time() - 1000)
    meter = place.meter()
    watch = Watch(meter, place.stream, tmp_path, tmp_path / "status.json")
    (place.stream / "replicas").write_text("shop-0 1\n")
    watch.once(time.time())
    assert receiver.texts == ["test: alarms of this stack come here"]
    assert receiver.asked == 1
    place.write(*[line(500)] * 5)
    meter.look()
    receiver.open = False
    watch.once(time.time())
    assert watch.report()["error"] == "webhook: HTTPError: Service Unavailable"
    receiver.open = True
    watch._after = 0.0
    watch.once(time.time())
    watch.once(time.time())
    [_, alarm] = receiver.messages
    assert alarm["stack"] == "shop-dev"
    assert alarm["text"].startswith(f"alarm: shop {NEW} fails: 100.0 % of 5 requests in 120 s")
    assert watch.report()["error"] == ""
    assert "secret" not in "".join(capfd.readouterr())
    again = Watch(meter, place.stream, tmp_path, tmp_path / "status.json")
    again.once(time.time())
    assert len(receiver.messages) == 2


def test_an_nginx_that_says_nothing_is_noticed(tmp_path, monkeypatch):
    place = Place(tmp_path)
    watch = Watch(place.meter(), place.stream, tmp_path, tmp_path / "status.json")
    assert watch._replicas(time.time()) == {}
    monkeypatch.setattr(watching, "_SILENT", -1)
    assert watch._replicas(time.time()) is None


def test_the_days_of_a_certificate_are_those_that_its_keeper_tells(tmp_path):
    file = tmp_path / "status.json"
    assert watching._days(file, NOW) is None
    file.write_text('{"ends": "2026-12-01T06:00:00+00:00"}')
    assert watching._days(file, NOW) == pytest.approx(2.0, abs=0.01)
    file.write_text('{"ends": 7}')
    assert watching._days(file, NOW) is None


def test_alarms_go_by_mail(monkeypatch):
    received = []

    def converse(listener):
        connection, _ = listener.accept()
        with connection, connection.makefile("rwb", buffering=0) as lines:
            lines.write(b"220 test\r\n")
            mail = False
            while line := lines.readline():
                received.append(line.decode().rstrip())
                mail = mail or line.lower().startswith(b"data")
                if line.lower().startswith(b"data"):
                    lines.write(b"354 go on\r\n")
                elif line == b".\r\n" or not mail:
                    mail = False
                    lines.write(
                        b"221 bye\r\n" if line.lower().startswith(b"quit") else b"250 fine\r\n"
                    )

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=converse, args=[listener], daemon=True).start()
        server = f"127.0.0.1:{listener.getsockname()[1]}"
        said = {"to": "team@example.com", "sender": "alarms@example.com", "server": server}
        monkeypatch.setenv("ALARM_EMAIL", json.dumps(said))
        telling.tell("email", {"stack": "shop-dev", "text": "alarm: x", "time": "now"})
    assert "Subject: [shop-dev] alarm: x" in received
    assert "To: team@example.com" in received
    assert any(line.lower().startswith("rcpt to:<team@example.com>") for line in received)
