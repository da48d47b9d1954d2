"""Finds what is wrong, by rules whose bounds the stack sets. Nothing here looks at a clock."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

_FEWEST_ERRORS = 3
_FEWEST_REQUESTS = 20


class Finding(NamedTuple):
    """Says what is wrong, and for how many seconds it has to be so before it is told."""

    text: str
    hold: int = 0


@dataclass(frozen=True)
class Rules:
    """Holds the bounds: per cent of requests and of the disk, seconds, days of a certificate.

    Errors and durations are those of the last ``span`` seconds.
    """

    errors: float = 1.0
    p95: float | None = None
    span: int = 120
    disk: float = 90.0
    certificate: int = 7


@dataclass(frozen=True)
class Seen:
    """Holds what was looked at.

    ``rows`` are those of the report. ``replicas`` tells whether each is served by somebody; it is
    None where nginx says nothing. ``disk`` is the share in per cent that is taken.
    """

    rows: Iterable[Mapping[str, Any]]
    replicas: Mapping[str, bool] | None
    disk: float
    certificate_days: float | None = None
    trouble: str = ""


def found(rules: Rules, seen: Seen) -> dict[str, Finding]:
    """Give what is wrong by a key that stays the same while it is."""
    wrong: dict[str, Finding] = {}
    for row in seen.rows:
        name = f"{row['service'] or 'nginx'} {row['release']}".strip()
        share = 100 * row["errors"] / row["requests"] if row["requests"] else 0
        if share > rules.errors and row["errors"] >= _FEWEST_ERRORS:
            wrong[f"errors {name}"] = Finding(
                f"{name} fails: {share:.1f} % of {row['requests']:,} requests in {rules.span} s "
                f"(bound: {rules.errors:g} %)"
            )
        p95 = row["p95"] if row["requests"] >= _FEWEST_REQUESTS else None
        if p95 is not None and rules.p95 is not None and p95 > rules.p95:
            wrong[f"p95 {name}"] = Finding(
                f"{name} is slow: 5 % of its requests took longer than {p95:.2f} s in "
                f"{rules.span} s (bound: {rules.p95:g} s)"
            )
    return wrong | _machine(rules, seen)


def _machine(rules: Rules, seen: Seen) -> dict[str, Finding]:
    wrong: dict[str, Finding] = {}
    if seen.replicas is None:
        wrong["nginx"] = Finding("nginx says nothing: it does not run, or hangs", 30)
    for name, served in (seen.replicas or {}).items():
        if not served:
            wrong[f"replica {name}"] = Finding(f"replica {name} is gone: nobody listens there", 30)
    if seen.disk > rules.disk:
        text = f"the disk is full to {seen.disk:.0f} % (bound: {rules.disk:g} %)"
        wrong["disk"] = Finding(text, 60)
    days = seen.certificate_days
    if days is not None and days < rules.certificate:
        text = f"the certificate ends in {days:.1f} days (bound: {rules.certificate})"
        wrong["certificate"] = Finding(text, 60)
    if seen.trouble:
        wrong["metrics"] = Finding(
            f"requests are not counted as they should be: {seen.trouble}", 60
        )
    return wrong
