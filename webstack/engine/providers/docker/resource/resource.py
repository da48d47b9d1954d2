"""Defines what all resource types have in common."""

from __future__ import annotations

import os
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import msgspec

from webstack.engine.model.provider import Diff, Instance, Properties, ProviderError
from webstack.engine.providers.docker.client.api import DaemonApi
from webstack.engine.providers.docker.registry.credentials import Credentials
from webstack.engine.providers.docker.resource.checking import (
    DEFAULTS,
    add_generated_name,
    check_inputs,
)
from webstack.engine.providers.docker.resource.diffing import find_changes
from webstack.engine.providers.docker.schema.schema import Property, Schema, normalise
from webstack.engine.providers.docker.schema.shapes import stated

Progress = Callable[[str, str], None]


def recorded(outputs: Properties) -> Properties:
    """Return outputs without the Pulumi provider's bookkeeping, which fits its own values only."""
    return {key: value for key, value in outputs.items() if not key.startswith("__")}


def _left_to_docker(property_: Property, value: Any) -> bool:
    """Tell whether Docker will choose a value, or a field in one of its elements."""
    if value is None:
        return property_.computed or property_.output
    if not property_.holds_objects or not isinstance(value, list):
        return False
    chosen = [key for key, field in (property_.element.fields or {}).items() if field.computed]
    return any(isinstance(item, dict) and item.get(key) is None for item in value for key in chosen)


class DockerSite(msgspec.Struct, frozen=True):
    """Holds what operations work with: the daemon, the logins, the listener for progress."""

    daemon: DaemonApi
    credentials: Credentials
    report: Progress
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], float] = time.monotonic
    environ: Mapping[str, str] = msgspec.field(default_factory=lambda: os.environ)


class DockerResource(ABC):
    """Serves one resource type. Its schema answers what needs no daemon."""

    label: ClassVar[str]
    schema: ClassVar[Schema]
    generates_name: ClassVar[bool] = False

    def check(self, name: str, old: Properties | None, new: Properties) -> Properties:
        """Return the checked inputs."""
        checked = check_inputs(self.label, name, self.schema, old, new)
        return add_generated_name(name, old, checked) if self.generates_name else checked

    def diff(self, old_inputs: Properties, old_outputs: Properties, new: Properties) -> Diff:
        """Compare the state with the checked inputs."""
        changes = find_changes(self.schema, old_inputs, old_outputs, new)
        return Diff(changes, self.deletes_first(new))

    def deletes_first(self, new: Properties) -> bool:
        """Tell whether a replacement waits until the old one is gone, since its name is taken."""
        return self.generates_name and "name" not in new.get(DEFAULTS, ())

    def foreseen_outputs(
        self, site: Callable[[], DockerSite], new: Properties, old_outputs: Properties | None
    ) -> Properties:
        """Return the outputs that a preview promises. Most types need no daemon for it."""
        return self.planned_outputs(new, old_outputs)

    def planned_outputs(self, new: Properties, old_outputs: Properties | None) -> Properties:
        """Return the outputs that are certain before the operation.

        On creation: what the inputs say and what is not Docker's to choose. On an update: what
        was recorded, and what the inputs now say otherwise.
        """
        certain = {
            key: value
            for key, value in stated(self.schema, new).items()
            if not _left_to_docker(self.schema[key], new.get(key))
        }
        if old_outputs is None:
            return certain
        old = recorded(old_outputs)
        same = {
            key
            for key, value in certain.items()
            if normalise(self.schema[key], value) == normalise(self.schema[key], old.get(key))
        }
        return {**certain, **{key: old[key] for key in old if key not in certain.keys() - same}}

    @abstractmethod
    def create(
        self, site: DockerSite, name: str, inputs: Properties, timeout: float | None
    ) -> Instance:
        """Create a resource; raises ProviderError or PartialFailure."""

    def update(
        self, site: DockerSite, id_: str, old_outputs: Properties, new: Properties
    ) -> Properties:
        """Change a resource in place; raises ProviderError."""
        raise ProviderError(f"a docker {self.label} cannot be changed in place")

    @abstractmethod
    def delete(self, site: DockerSite, id_: str, outputs: Properties) -> None:
        """Delete a resource; raises ProviderError."""

    @abstractmethod
    def read(
        self, site: DockerSite, id_: str, inputs: Properties, outputs: Properties
    ) -> Instance | None:
        """Read a resource as it is now; returns None when it is gone."""

    def find(self, site: DockerSite, name: str, inputs: Properties) -> Instance | None:
        """Look for what an interrupted creation left behind; returns None by default."""
        return None
