"""An observer of a release hears of each event."""

from __future__ import annotations

import time

import msgspec

from infra.rollout.events import Event, Healthy, Switched, Timeline


def test_seconds_count_from_the_beginning_of_the_release():
    told: list[Event] = []
    Timeline(told.append, began=time.monotonic() - 60).tell(
        Switched(service="shop", container="shop-0-aa")
    )
    [event] = told
    assert 60 <= event.seconds < 70
    assert isinstance(event, Switched)
    assert (event.service, event.container) == ("shop", "shop-0-aa")


def test_an_event_can_be_kept_and_read_again():
    event = Healthy(service="shop", container="shop-0-aa", seconds=1.5)
    kept = msgspec.json.encode(event)
    assert b'"type":"Healthy"' in kept
    assert msgspec.json.decode(kept, type=Healthy | Switched) == event
