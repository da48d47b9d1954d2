"""Prometheus reads what was counted: counters, and histograms that only grow."""

from __future__ import annotations

import re

from meter.cells import Cell, Series
from meter.exposition import exposition


def cell(*milliseconds):
    found = Cell()
    for each in milliseconds:
        found.add(each, 1)
    return found


TOTALS = {
    Series("shop", "abc", "application", 200): cell(5, 6, 300),
    Series("shop", "abc", "application", 500): cell(20_000),
    Series("", "", "proxy", 404): cell(0),
}


def samples(text):
    found = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            name, value = line.rsplit(" ", 1)
            found[name] = float(value)
    return found


def test_every_line_is_one_that_prometheus_reads():
    text = exposition(TOTALS, 2, {"shop": "abc"})
    sample = r'[a-z_]+(?:\{[a-z]+="[^"\n]*"(?:,[a-z]+="[^"\n]*")*\})? [0-9.]+'
    comment = r"# (?:HELP|TYPE) [a-z_]+ .+"
    for line in text.splitlines():
        assert re.fullmatch(f"{sample}|{comment}", line), line
    assert text.endswith("\n")


def test_requests_are_counted_by_status():
    found = samples(exposition(TOTALS, 2, {"shop": "abc"}))
    own = 'service="shop",release="abc",route="application"'
    assert found[f'webstack_requests_total{{{own},status="200"}}'] == 3
    assert found[f'webstack_requests_total{{{own},status="500"}}'] == 1
    assert found["webstack_unread_lines_total"] == 2
    assert found['webstack_release_info{service="shop",release="abc"}'] == 1


def test_each_bucket_has_all_that_were_as_fast():
    found = samples(exposition(TOTALS, 0, {}))
    own = 'service="shop",release="abc",route="application"'
    name = "webstack_request_duration_seconds"
    bounds = ["0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "5", "10", "+Inf"]
    counted = [found[f'{name}_bucket{{{own},le="{bound}"}}'] for bound in bounds]
    assert counted == [1, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 4]
    assert found[f"{name}_count{{{own}}}"] == 4
    assert found[f"{name}_sum{{{own}}}"] == 20.311


def test_nothing_breaks_out_of_a_label():
    text = exposition({}, 0, {'sh"op\n': "a\\b"})
    assert r'webstack_release_info{service="sh\"op\n",release="a\\b"} 1' in text.splitlines()
