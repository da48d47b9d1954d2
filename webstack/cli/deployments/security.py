"""Says how a stack's containers stand to the fields that docker-bench looks at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from webstack.cli.backends.composition import StackSession
from webstack.cli.daemon.containers import plain_errors
from webstack.cli.daemon.looks.hardening import Judged, judged
from webstack.cli.deployments import stack_daemon
from webstack.cli.terminal.tables import table

HEADINGS = ("", "CIS", "FIELD", "CONTAINERS", "WHAT WEBSTACK DOES")


def look(session: StackSession) -> dict[str, Mapping[str, Any]]:
    """Give the stack's containers by name, as the daemon describes them; raises OpsError."""
    docker = stack_daemon.on_docker(session)
    with plain_errors():
        names = [each.name for each in docker.containers()]
        return {name: docker.api.inspect_container(name) for name in names}


def report(containers: Mapping[str, Mapping[str, Any]]) -> str:
    """Write one line for each field, and below it each container that differs."""
    found = judged(containers)
    rows = [_row(each, len(containers)) for each in found]
    return "\n".join([table(HEADINGS, rows), *_differing(found)])


def as_json(containers: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Give the same for programs, container by container."""
    found = judged(containers)
    return [
        {
            "container": name,
            "fields": [
                {
                    "number": each.rule.number,
                    "field": each.rule.title,
                    "ok": each.rule.meant or name not in each.faults,
                    "found": each.faults.get(name, ""),
                    "done": each.rule.done,
                }
                for each in found
            ],
        }
        for name in containers
    ]


def is_sound(containers: Mapping[str, Mapping[str, Any]]) -> bool:
    """Tell whether no container differs but on purpose."""
    return all(each.ok for each in judged(containers))


def _row(each: Judged, count: int) -> tuple[str, ...]:
    if each.rule.meant:
        mark, words = "--", f"{len(each.faults)} of {count} differ"
    elif each.faults:
        mark, words = "!!", f"{len(each.faults)} of {count} differ"
    else:
        mark, words = "ok", f"all {count}"
    return mark, each.rule.number, each.rule.title, words, each.rule.done


def _differing(found: Sequence[Judged]) -> Iterator[str]:
    rows = [
        (each.rule.number, name, f"{each.rule.title}: {said}")
        for each in found
        if not each.rule.meant
        for name, said in each.faults.items()
    ]
    if rows:
        yield f"\n{table(('CIS', 'CONTAINER', 'DIFFERS'), rows)}"
