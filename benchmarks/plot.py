"""Draw a line chart as SVG text, from measured numbers and nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from math import ceil, floor, log10

Points = Sequence[tuple[float, float]]

WIDTH, HEIGHT = 640, 360
LEFT, RIGHT, TOP, BOTTOM = 64, 16, 40, 48
COLOURS = ("#2563eb", "#9333ea", "#059669")
STYLE = (
    "text{font:13px sans-serif;fill:#555}.title{font-size:15px}"
    ".grid{stroke:#8884}.line{fill:none;stroke-width:2}"
)


def line_chart(title: str, across: str, upward: str, series: Mapping[str, Points]) -> str:
    """Draw one line for each series; both axes begin at zero."""
    points = [point for line in series.values() for point in line]
    step_x, step_y = (_step(max(point[axis] for point in points)) for axis in (0, 1))
    most_x, most_y = (
        step * ceil(max(point[axis] for point in points) / step)
        for axis, step in ((0, step_x), (1, step_y))
    )

    def place(x: float, y: float) -> tuple[float, float]:
        return (
            round(LEFT + x / most_x * (WIDTH - LEFT - RIGHT), 1),
            round(HEIGHT - BOTTOM - y / most_y * (HEIGHT - TOP - BOTTOM), 1),
        )

    parts = [f'<text class="title" x="{LEFT}" y="22">{escape(title)}</text>']
    for value in _ticks(step_y, most_y):
        x, y = place(0, value)
        parts.append(f'<line class="grid" x1="{x}" y1="{y}" x2="{WIDTH - RIGHT}" y2="{y}"/>')
        parts.append(f'<text x="{x - 8}" y="{y + 4}" text-anchor="end">{value:g}</text>')
    for value in _ticks(step_x, most_x):
        x, y = place(value, 0)
        parts.append(f'<text x="{x}" y="{y + 18}" text-anchor="middle">{value:g}</text>')
    parts.append(f'<text x="{WIDTH - RIGHT}" y="{HEIGHT - 8}" text-anchor="end">{across}</text>')
    parts.append(f'<text x="8" y="{TOP - 4}">{upward}</text>')
    for (name, line), colour in zip(series.items(), COLOURS, strict=False):
        parts += _drawn(name, [place(*point) for point in line], colour)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">'
    return "\n".join([head, f"<style>{STYLE}</style>", *parts, "</svg>", ""])


def _drawn(name: str, places: Points, colour: str) -> list[str]:
    path = " ".join(f"{x},{y}" for x, y in places)
    dots = [f'<circle cx="{x}" cy="{y}" r="3" fill="{colour}"/>' for x, y in places]
    x, y = places[-1]
    label = f'<text x="{x}" y="{y - 10}" text-anchor="end">{escape(name)}</text>'
    return [f'<polyline class="line" stroke="{colour}" points="{path}"/>', *dots, label]


def _step(most: float) -> float:
    """Give a round step that divides an axis into about five."""
    rough = most / 5
    unit: float = 10.0 ** floor(log10(rough))
    return next(unit * factor for factor in (1, 2, 5, 10) if unit * factor >= rough)


def _ticks(step: float, most: float) -> list[float]:
    return [step * number for number in range(round(most / step) + 1)]
