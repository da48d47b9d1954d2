"""Reads the services of a swarm, and how many of their tasks run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from webstack.cli.daemon.swarm.nodes import Node
from webstack.engine.providers.docker.swarm.convergence import Task, explain, read_task


class Service(msgspec.Struct, frozen=True):
    """Holds one service: how many of its tasks run, where, and what keeps the others."""

    name: str
    image: str
    running: int
    wanted: int
    nodes: tuple[str, ...]
    problem: str = ""

    @property
    def is_whole(self) -> bool:
        """Tell whether all of it runs."""
        return self.running >= self.wanted


def read_services(
    told: Sequence[Mapping[str, Any]], tasks: Iterable[Mapping[str, Any]], nodes: Sequence[Node]
) -> list[Service]:
    """Read Docker's lists of services and tasks. What is on a node that is away does not run."""
    by_service: dict[str, list[Task]] = {}
    for task in tasks:
        by_service.setdefault(str(task.get("ServiceID", "")), []).append(read_task(task))
    services = [_read(service, by_service.get(service["ID"], []), nodes) for service in told]
    return sorted(services, key=lambda service: service.name)


def _read(told: Mapping[str, Any], tasks: list[Task], nodes: Sequence[Node]) -> Service:
    names = {node.id: node.name for node in nodes if node.state == "ready"}
    running = [task for task in tasks if task.wanted == task.state == "running"]
    there = [task for task in running if task.node in names]
    wanted = _wanted(told["Spec"], nodes)
    problems = explain(tasks) or [f"{state} a task" for state in _on_their_way(tasks)]
    if len(there) < len(running):
        problems = ["a node is away", *problems]
    container = told["Spec"]["TaskTemplate"].get("ContainerSpec") or {}
    return Service(
        name=str(told["Spec"]["Name"]),
        image=str(container.get("Image", "")),
        running=len(there),
        wanted=wanted,
        nodes=tuple(sorted({names[task.node] for task in there})),
        problem=problems[0] if problems and len(there) < wanted else "",
    )


def _on_their_way(tasks: Sequence[Task]) -> list[str]:
    """Return what Docker is doing with tasks that are to run and do not yet."""
    return sorted({task.state for task in tasks if task.wanted == "running" != task.state})


def _wanted(spec: Mapping[str, Any], nodes: Sequence[Node]) -> int:
    mode = spec.get("Mode") or {}
    if "Global" in mode:
        return sum(node.serves for node in nodes)
    return int((mode.get("Replicated") or {}).get("Replicas", 1))
