"""The Release resource: its create and update bring the new containers live."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import pulumi
from pulumi.dynamic import (
    CreateResult,
    DiffResult,
    ReadResult,
    Resource,
    ResourceProvider,
    UpdateResult,
)

from infra.containers import ContainerError, Containers
from infra.failures import told_plainly
from infra.rollout import Plan, Rollout, plan

_FIELDS = tuple(field.name for field in msgspec.structs.fields(Plan))


class ReleaseProvider(ResourceProvider):
    """Compares what is declared, never code, and acts on the running containers."""

    serialize_as_secret_always = False  # it holds no values, and the state stays readable

    def diff(self, _id: str, olds: Mapping[str, Any], news: Mapping[str, Any]) -> DiffResult:
        """A change of what is declared, or links that lead elsewhere (a killed run)."""
        changed = [field for field in _FIELDS if olds.get(field) != news.get(field)]
        return DiffResult(changes=bool(changed) or not _in_force(dict(news)))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """The links and the configuration that are in force; as recorded where nobody can say."""
        try:
            release = Rollout(Containers.of_environment(), None, plan(props)).found()
        except (ContainerError, msgspec.ValidationError):
            return ReadResult(id_, props)
        found = msgspec.to_builtins(release)
        return ReadResult(id_, {**props, **found}, found)

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Bring the stack's first release live."""
        with told_plainly():
            Rollout(Containers.of_environment(), None, plan(props)).run()
        return CreateResult("release", {**props, "number": 1})

    def update(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Bring the next release live."""
        with told_plainly():
            Rollout(Containers.of_environment(), plan(olds), plan(news)).run()
        return UpdateResult({**news, "number": int(olds.get("number", 0)) + 1})


def _in_force(properties: dict[str, Any]) -> bool:
    """True also where it cannot be told, since then no release would help."""
    try:
        return Rollout(Containers.of_environment(), None, plan(properties)).in_force()
    except (ContainerError, msgspec.ValidationError):
        return True


class Release(Resource, module="webstack", name="Release"):
    """The release in force; ``number`` counts them."""

    number: pulumi.Output[int]

    def __init__(self, name: str, wanted: Plan, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(
            ReleaseProvider(), name, {**msgspec.to_builtins(wanted), "number": None}, opts
        )
