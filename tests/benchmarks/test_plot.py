from __future__ import annotations

import xml.etree.ElementTree as ElementTree

from benchmarks.plot import line_chart


def test_a_chart_has_a_line_and_its_name_for_each_series():
    text = line_chart(
        "Times", "resources", "s", {"a<b": [(0, 0), (1000, 2.5)], "c": [(0, 1), (1000, 4)]}
    )
    chart = ElementTree.fromstring(text)
    lines = [item.get("points") for item in chart.iter() if item.tag.endswith("polyline")]
    words = [item.text for item in chart.iter() if item.tag.endswith("text")]
    assert lines == ["64.0,312.0 624.0,142.0", "64.0,244.0 624.0,40.0"]
    assert {"Times", "a<b", "c", "1000", "4"} <= set(words)
