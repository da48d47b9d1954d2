"""Each request is counted once, over restarts of the meter and of the machine."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest
from meter.metering import Meter
from meter.report import rows

OLD, NEW = "0a1b2c3d", "4e5f6a7b"


def line(status=200, seconds="0.012", at=None, service="shop"):
    moment = time.gmtime(time.time() if at is None else at)
    return (
        f"{time.strftime('%Y-%m-%dT%H:%M:%S+00:00', moment)} {service} {status} {seconds}   200\n"
    )


class Place:
    """Has the folders of a meter, and does what nginx does there."""

    def __init__(self, root: Path) -> None:
        self.stream, self.links = root / "requests", root / "links"
        self.stream.mkdir()
        self.links.mkdir()
        self.store = root / "counts.sqlite"
        self.file = self.stream / "requests"

    def meter(self) -> Meter:
        return Meter(self.stream, self.links, self.store)

    def write(self, *lines: str) -> None:
        with self.file.open("a") as file:
            file.write("".join(lines))

    def turn(self, release: str, at: float | None = None, service: str = "shop") -> None:
        link = self.links / f"{service}-0.sock"
        link.unlink(missing_ok=True)
        link.symlink_to(f"/run/webstack/sockets/{service}/{release}-0.30001.sock")
        if at is not None:
            os.utime(link, (at, at), follow_symlinks=False)


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


def counts(meter):
    found = meter.between(0, time.time() + 60)
    return {(each["service"], each["release"]): each["requests"] for each in rows(found, 1)}


def test_requests_are_counted_by_the_release_in_force(place):
    place.turn(OLD, time.time() - 100)
    meter = place.meter()
    place.write(line(), line(500), line())
    meter.look()
    assert counts(meter) == {("shop", OLD): 3}
    place.turn(NEW, time.time() - 20)
    place.write(line(), line(seconds="60.000"), line(service=""))
    meter.look()
    # What began before the turn was served by the release of then.
    assert counts(meter) == {("shop", OLD): 4, ("shop", NEW): 1, ("", ""): 1}


def test_a_line_that_is_not_complete_is_read_once_it_is(place):
    meter = place.meter()
    whole = line()
    place.write(whole, whole[:20])
    meter.look()
    assert counts(meter) == {("shop", ""): 1}
    place.write(whole[20:])
    meter.look()
    assert counts(meter) == {("shop", ""): 2}
    assert meter.unread == 0


def test_a_meter_that_comes_back_counts_what_it_missed_and_nothing_twice(place):
    first = place.meter()
    place.write(line(), line())
    first.look()
    first.close()
    place.write(line())
    killed = place.meter()
    killed.look()
    assert counts(killed) == {("shop", ""): 3}
    # Killed, it had kept no more than what the first one had.
    killed._store.close()
    again = place.meter()
    again.look()
    assert counts(again) == {("shop", ""): 3}


def test_another_file_is_read_from_its_start_after_the_machine_started_anew(place):
    first = place.meter()
    place.write(*[line()] * 5)
    first.look()
    first.close()
    for file in place.stream.iterdir():
        file.unlink()
    place.write(*[line()] * 7)
    again = place.meter()
    again.look()
    assert counts(again) == {("shop", ""): 12}


def test_what_is_kept_takes_no_memory_of_the_stream(place):
    meter = place.meter()
    place.write(*[line()] * 50_000)
    before = place.file.stat()
    meter.look()
    meter.close()
    after = place.file.stat()
    assert after.st_size == before.st_size
    assert after.st_blocks * 512 < 64 << 10 < before.st_blocks * 512
    place.write(line())
    again = place.meter()
    again.look()
    assert counts(again) == {("shop", ""): 50_001}


def test_odd_lines_are_counted_as_unread_also_after_a_restart(place):
    meter = place.meter()
    place.write("\x1b[31mGET /../../etc/passwd\n", "\n", "a" * 9000, "\n", line())
    meter.look()
    assert meter.unread == 3
    assert counts(meter) == {("shop", ""): 1}
    meter.close()
    assert place.meter().unread == 3


def test_a_line_without_an_end_does_not_fill_the_memory(place):
    meter = place.meter()
    place.write("x" * (2 << 20))
    meter.look()
    place.write("\n", line())
    meter.look()
    assert counts(meter) == {("shop", ""): 1}


def test_it_counts_on_where_nothing_can_be_kept(place, monkeypatch):
    meter = place.meter()
    monkeypatch.setattr(meter._store, "keep", lambda *_args, **_more: False)
    now = int(time.time())
    for at in range(now - 4000, now, 10):
        place.write(line(at=at))
        meter.look()
        meter._keep()
    assert len(meter._pending) <= 30
    assert counts(meter) == {("shop", ""): 30}


def test_no_more_series_are_counted_than_there_is_memory_for(place):
    meter = place.meter()
    place.write(*(line(service=f"s{number}") for number in range(5000)))
    meter.look()
    assert meter.unread == 1000
    assert len(counts(meter)) == 4000


def test_a_stream_that_cannot_be_read_is_told(place):
    meter = place.meter()
    place.file.mkdir()
    meter.look()
    assert "cannot read what nginx tells" in meter.trouble
    place.file.rmdir()
    place.write(line())
    meter.look()
    assert meter.trouble == ""


def test_others_ask_while_it_counts(place):
    meter = place.meter()
    place.write(*[line()] * 20_000)
    counting = threading.Thread(target=meter.look)
    counting.start()
    with meter.lock:
        seen = counts(meter)
    counting.join()
    assert sum(seen.values()) in (0, 20_000) or seen
    assert counts(meter) == {("shop", ""): 20_000}
