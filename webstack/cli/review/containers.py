"""Finds the containers among a preview's steps, by the part of the stack that they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from webstack.cli.review.document import Step

_CONTAINER = "docker:index/container:Container"
_REPLACES = {"replace", "create-replacement"}


def containers(steps: Iterable[Step]) -> list[Step]:
    """Select the steps on containers."""
    return [step for step in steps if step.type == _CONTAINER]


def is_replaced(step: Step) -> bool:
    """Tell whether the resource goes before its successor comes: it keeps its name."""
    return step.op in _REPLACES


def role(step: Step) -> str:
    """Return its kind by its label: service, background, proxy, holder; empty where it has none."""
    return _labels(step.inputs).get("webstack.role", "")


def service(step: Step) -> str:
    """Return the service that it belongs to; empty where it belongs to none."""
    return _labels(step.inputs).get("webstack.service", "")


def background(step: Step) -> str:
    """Return the name in the stack of the role of a service that it has; empty without one."""
    return _labels(step.inputs).get("webstack.background", "")


def predecessors(steps: Iterable[Step]) -> dict[str, Step]:
    """Map each container that is made to the one that goes for it, by URN."""
    found = containers(steps)
    leaving = [step for step in found if step.op == "delete"]
    pairs = {}
    for step in found:
        if step.op == "create":
            match = next((old for old in leaving if _stem(old) == _stem(step)), None)
            if match:
                pairs[step.urn] = match
    return pairs


def _stem(step: Step) -> str:
    """Return its name without the digits of its content: ``flask-0``."""
    return step.name.rpartition("-")[0]


def _labels(inputs: Mapping[str, Any]) -> dict[str, str]:
    listed = inputs.get("labels")
    if not isinstance(listed, list):
        return {}
    return {
        str(item["label"]): str(item.get("value", ""))
        for item in listed
        if isinstance(item, Mapping) and "label" in item
    }
