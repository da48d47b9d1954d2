"""Writes the closing words of `up` and `down`: what serves where, what is left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from webstack.cli.terminal.tables import table

COMMAND = ".venv/bin/webstack"


class Leftovers(msgspec.Struct, frozen=True):
    """Holds what a stack leaves on the Docker daemon after `down`."""

    volumes: Sequence[str] = ()
    images: Sequence[str] = ()
    image_bytes: int = 0


def services_of(outputs: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    """Give the services that the outputs name; none where a program has other outputs."""
    services = outputs.get("services")
    return services if isinstance(services, Mapping) else {}


def nothing_to_change(resources: object) -> str:
    """Tell that so many resources stay as they are."""
    return f"Nothing to change: {resources} resources are as declared."


def of_up(stack: str, outputs: Mapping[str, Any], seconds: float) -> str:
    """Tell where each service answers, how long it took, and what to type next."""
    named = "" if stack == "dev" else f" {stack}"
    make = "" if stack == "dev" else f" STACK={stack}"
    rows = [
        (name, str(service.get("url", "")), str(len(service.get("containers", ()))))
        for name, service in sorted(services_of(outputs).items())
    ]
    serving = f"\n{table(('SERVICE', 'URL', 'CONTAINERS'), rows)}\n" if rows else ""
    return (
        f"{serving}\n{stack} is up after {seconds:.1f} s. Next:\n"
        f"  {COMMAND} status{named}\n"
        f"  {COMMAND} logs -f{named}\n"
        f"  make down{make}"
    )


def of_down(stack: str, left: Leftovers) -> str:
    """Tell what is still there, and how to be rid of it."""
    lines = [f"\n{stack} is down."]
    if left.volumes:
        make = "" if stack == "dev" else f" STACK={stack}"
        lines.append(f"Left are the data volumes {', '.join(left.volumes)}: make down{make} DATA=1")
    if left.images:
        size = f"{left.image_bytes / 1e6:.0f} MB"
        named = "" if stack == "dev" else f" {stack}"
        lines.append(
            f"Left are {len(left.images)} images ({size}), for a quick start next time: "
            f"{COMMAND} prune{named}"
        )
    if len(lines) == 1:
        lines.append("Nothing of it is left.")
    return "\n".join(lines)
