"""Writes the first line of a review."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from webstack.cli.review.model import Outcome, Prediction

_SERVICES = {
    Outcome.ROLLS: ("rolls without a gap", "roll without a gap"),
    Outcome.STARTS: ("starts", "start"),
    Outcome.ENDS: ("ends", "end"),
}
_PROXY = {
    Outcome.HANDS_OVER: "nginx hands over without a gap",
    Outcome.RELOADS: "nginx takes another configuration without a gap",
    Outcome.MOVES: "the published port moves without a gap",
}


def headline(predictions: Sequence[Prediction], changes: int, errors: int) -> str:
    """Sum up in one line, the worst last: "2 services roll without a gap, nothing lost"."""
    if errors:
        return f"This cannot be deployed: {_counted(errors, 'error')}"
    if not predictions:
        return f"{_counted(changes, 'change')}, no gap, nothing lost" if changes else "No changes"
    said = ", ".join([*_parts(predictions), _lost(predictions)])
    return said[0].upper() + said[1:]


def _parts(predictions: Sequence[Prediction]) -> Iterator[str]:
    counted = [item for item in predictions if item.subject != "nginx"]
    for noun in ("service", "role"):
        yield from _counts(noun, [item.outcome for item in counted if item.noun == noun])
    for item in predictions:
        if item.outcome in _PROXY:
            yield _PROXY[item.outcome]
    restarts = [item for item in predictions if item.outcome is Outcome.RESTARTS]
    if restarts:
        verb = "restarts" if len(restarts) == 1 else "restart"
        seconds = max(item.seconds for item in restarts)
        each = "" if len(restarts) == 1 else " each"
        yield f"{len(restarts)} {verb} (about {seconds} s{each})"


def _counts(noun: str, outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Count how many do what; the first says of what."""
    first = True
    for outcome, (one, many) in _SERVICES.items():
        if count := outcomes.count(outcome):
            word = (f" {noun}" if count == 1 else f" {noun}s") if first else ""
            yield f"{count}{word} {one if count == 1 else many}"
            first = False


def _lost(predictions: Sequence[Prediction]) -> str:
    count = sum(item.outcome is Outcome.LOSES_DATA for item in predictions)
    if not count:
        return "nothing lost"
    return f"loses the data of {_counted(count, 'volume')}"


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
