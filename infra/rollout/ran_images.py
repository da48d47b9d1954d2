"""Tells which images really ran: a tag can be given to another image, an id cannot."""

from __future__ import annotations

from collections.abc import Iterator

from infra.daemon.failures import ContainerError
from infra.model.rollout_plan import RolloutPlan, ServiceRelease
from infra.rollout.running_containers import RunningContainers


def ran_images(containers: RunningContainers, plan: RolloutPlan) -> dict[str, str]:
    """Give the image id of each service, of ``proxy``, and of ``python``, by their containers.

    Raises ContainerError if the replicas of a service have different images: someone has
    overwritten the tag that they share, and users would get mixed answers.
    """
    services = {
        name: _shared(containers, name, [*_of_service(plan, name, service)])
        for name, service in plan.services.items()
    }
    stack = {"proxy": plan.proxy, "python": plan.holder}
    return {**services, **{name: containers.image_id(stack[name]) for name in stack}}


def _of_service(plan: RolloutPlan, name: str, service: ServiceRelease) -> Iterator[str]:
    yield from (target.container for target in service.replicas)
    for role in plan.roles.values():
        if role.service == name:
            yield from role.containers


def _shared(containers: RunningContainers, service: str, names: list[str]) -> str:
    found = {name: containers.image_id(name) for name in names}
    first = found[names[0]]
    for name, image in found.items():
        if image != first:
            raise ContainerError(
                f"{service}: {name} runs the image {image}, and {names[0]} {first}: their tag was "
                "overwritten; `docker tag` the right one, `docker rm -f` the container of the "
                "other, and run `webstack up --refresh`"
            )
    return first
