"""Waits until a service runs as it should, or is gone."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

from webstack.contract.go_durations import parse_duration
from webstack.engine.model.provider import Properties, ProviderError
from webstack.engine.providers.docker.client.api import NOT_FOUND, DaemonRefusedError
from webstack.engine.providers.docker.container.logs import last_lines
from webstack.engine.providers.docker.resource.resource import DockerSite
from webstack.engine.providers.docker.swarm.convergence import (
    Task,
    Verdict,
    all_ended,
    explain,
    judge_creation,
    judge_update,
    last_failed,
    read_task,
)
from webstack.engine.providers.docker.swarm.outputs import published

_INTERVAL: Final = 0.5
_SETTLED: Final = 4
_PUBLISHING: Final = 10.0
_STOPPING: Final = 30.0

Judge = Callable[[Mapping[str, Any], Collection[Task]], Verdict]


def see_it_created(site: DockerSite, id_: str, inputs: Properties) -> None:
    """Wait as ``convergeConfig`` says until all replicas run; raises ProviderError."""
    _converge(site, id_, inputs, judge_creation, times=1)


def see_it_updated(site: DockerSite, id_: str, inputs: Properties) -> None:
    """Wait as ``convergeConfig`` says until all tasks are new; raises ProviderError.

    A moment passes before Docker begins, in which the old tasks look like the new ones.
    """
    _converge(site, id_, inputs, judge_update, times=_SETTLED)


def see_it_published(site: DockerSite, id_: str) -> Mapping[str, Any]:
    """Return what Docker says of a service once its ports have their numbers."""
    deadline = site.now() + _PUBLISHING
    while True:
        seen: Mapping[str, Any] = site.daemon.call("GET", f"/services/{id_}")
        if published(seen) or site.now() >= deadline:
            return seen
        site.sleep(_INTERVAL)


def see_them_end(site: DockerSite, name: str, tasks: Collection[Task], grace: str) -> None:
    """Wait until the tasks of a removed service have ended, so that what they used is free.

    A node that is lost never says so: after the grace time, and a while, nobody waits on.
    """
    deadline = site.now() + (parse_duration(grace or "0s") or 0) / 1e9 + _STOPPING
    ids = [task.id for task in tasks]
    while ids and not all_ended(_tasks(site, id=ids)):
        if site.now() >= deadline:
            site.report(name, "some tasks have not said that they ended; is a node away?")
            return
        site.sleep(_INTERVAL)


def tasks_of(site: DockerSite, service: str) -> list[Task]:
    """Return all tasks of a service that Docker remembers; none of one that is gone."""
    try:
        return _tasks(site, service=[service])
    except DaemonRefusedError as error:
        if error.status != NOT_FOUND:
            raise
        return []


def _tasks(site: DockerSite, **wanted: list[str]) -> list[Task]:
    told = site.daemon.call("GET", "/tasks", query={"filters": json.dumps(wanted)})
    return [read_task(task) for task in told or ()]


def _converge(site: DockerSite, id_: str, inputs: Properties, judge: Judge, times: int) -> None:
    wanted = inputs.get("convergeConfig")
    if wanted is None:
        return
    deadline = site.now() + (parse_duration(wanted["timeout"]) or 0) / 1e9
    seen_done = 0
    while seen_done < times:
        service, tasks = site.daemon.call("GET", f"/services/{id_}"), tasks_of(site, id_)
        verdict = judge(service, tasks)
        if verdict.outcome == "failed":
            raise ProviderError(f"{verdict.reason}{_evidence(site, tasks)}")
        begun = (service.get("UpdateStatus") or {}).get("State") == "completed"
        seen_done = seen_done + (times if begun else 1) if verdict.outcome == "done" else 0
        if seen_done >= times:
            return
        if site.now() >= deadline:
            raise ProviderError(
                f"not all replicas run after {wanted['timeout']} "
                f"(convergeConfig.timeout){_evidence(site, tasks)}"
            )
        site.sleep(_INTERVAL)


def _evidence(site: DockerSite, tasks: Collection[Task]) -> str:
    """Return what Docker says of tasks that failed, and the last words of one, a line each."""
    failed = last_failed(tasks)
    lines = [f"task: {said}" for said in explain(tasks)]
    if failed is not None:
        lines += _last_words(site, failed.container)
    return "".join(f"\n    {line}" for line in lines)


def _last_words(site: DockerSite, container: str) -> list[str]:
    """Return a container's last lines; none where it ran on another node or is gone."""
    try:
        return last_lines(site, container, tty=False)
    except DaemonRefusedError:
        return []
