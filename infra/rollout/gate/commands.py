"""Chooses the commands that services run before requests go to their new containers."""

from __future__ import annotations

from infra.model.rollout_plan import RolloutPlan
from infra.rollout.gate import first_run
from infra.rollout.gate.gate import Commands
from infra.rollout.running_containers import RunningContainers


def commands(
    containers: RunningContainers, old: RolloutPlan | None, new: RolloutPlan, changed: set[str]
) -> Commands:
    """Give the commands of ``changed`` services, and of those that have an `init` to run still.

    Examples are among them if the service is new. Raises ContainerError.
    """
    before = old.services if old else {}
    first = _first_runs(containers, new)
    found = {}
    for name, item in new.services.items():
        if name in changed:
            examples = None if name in before else item.seed
            said = (item.before_release, first.get(name), examples)
            found[name] = [command for command in said if command]
    only = {name: [each] for name, each in first.items() if name not in found}
    return {name: each for name, each in {**found, **only}.items() if each}


def _first_runs(containers: RunningContainers, new: RolloutPlan) -> dict[str, tuple[str, ...]]:
    """Give the commands that run once in the stack's life, and have not run yet."""
    wanted = {name: item.init for name, item in new.services.items() if item.init}
    if not wanted:
        return {}
    done = first_run.initialised(containers, new.proxy)
    return {name: command for name, command in wanted.items() if name not in done}
