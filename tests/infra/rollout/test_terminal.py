"""A user sees a line for each event while a release goes live."""

from __future__ import annotations

import pytest

from infra.rollout import events, terminal

SHOP = {"service": "shop", "container": "shop-0-aa"}
RUNNING = {**SHOP, "running": 2.04}


@pytest.mark.parametrize(
    ("event", "shown"),
    [
        (events.PreparationBegan(**SHOP, command="flask db upgrade"), "shop: flask db upgrade"),
        (events.OutputLine(**RUNNING, text="one"), "       2.0 s  one"),
        (events.StillRunning(**RUNNING), "       2.0 s  (still running)"),
        (
            events.OutputHeldBack(**RUNNING),
            "       2.0 s  (more than can be shown; the last lines follow)",
        ),
        (events.OutputLeftOut(**RUNNING, lines=945), "       2.0 s  (945 lines are not shown)"),
        (events.Prepared(**RUNNING), "       2.0 s  shop: done"),
        (
            events.NotWritable(**SHOP, folder="/data", way_out="docker run …"),
            "shop: its user cannot make files in /data; where it is to: docker run …",
        ),
        (
            events.FilesNotRestored(service="shop", reason="img is gone"),
            "static files of shop cannot come back: img is gone",
        ),
        (
            events.OutsidePrefix(**SHOP, reason="its page names /a.css"),
            "warning: shop: its page names /a.css (webstack:services.shop)",
        ),
        (events.FilesLost(files=2), "2 static files of earlier releases are gone for good"),
        (events.Switched(**SHOP), None),
    ],
)
def test_each_event_has_its_line(
    event: events.Event, shown: str | None, capsys: pytest.CaptureFixture[str]
):
    terminal.show(event)
    assert capsys.readouterr() == ("", f"{shown}\n" if shown else "")


def test_the_longest_commands_stay_aligned():
    lines = [terminal.line(events.StillRunning(**SHOP, running=each)) for each in (0.0, 86399.9)]
    assert [line and line.index(" s  ") for line in lines] == [10, 11]
