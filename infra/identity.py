"""Gives a stack's state an identity, and refuses to take over volumes of other stacks.

If a volume of a wanted name exists, Docker gives that one to whoever creates it, with all that is
in it.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import pulumi
from pulumi.dynamic import (
    CheckResult,
    CreateResult,
    DiffResult,
    Resource,
    ResourceProvider,
    UpdateResult,
)

from infra.daemon import claims
from infra.daemon.client import connect
from infra.daemon.failures import DeploymentError, told_plainly
from webstack.contract.ownership import OWNER, Labels, Ours, owned_labels, refusal
from webstack.contract.variables import CLAIMING
from webstack.docker.errors import DaemonError


class Claim(msgspec.Struct, frozen=True):
    """Holds what the command tells of the state.

    ``known`` are its volumes. ``adopt`` tells whether to take those of others.
    """

    known: frozenset[str] = frozenset()
    adopt: bool = False


class OwnershipError(DeploymentError):
    """Reports that a wanted name belongs to another; the message names the owner."""


class IdentityProvider(ResourceProvider):
    """Looks, in a preview as well, to whom the volumes belong that exist already."""

    serialize_as_secret_always = False  # it holds no secret

    def check(self, olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Refuse to take what others have made, as long as the state has no identity.

        Raises OwnershipError unless the command allows it.
        """
        if not olds:
            with told_plainly():
                _taken(None, {}, news, seen=_looked(news))
        return CheckResult(news, [])

    def diff(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Report a change if the volumes are others, or if some are taken from others."""
        with told_plainly():
            taken = _taken(id_, olds, news, seen=_looked(news))
        others = sorted(news["volumes"]) != sorted(olds.get("volumes") or ())
        return DiffResult(changes=others or taken != olds.get("taken"))

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Draw an identity, and claim the volumes that are taken from others."""
        identity = secrets.token_hex(6)  # no input: it is drawn once
        with told_plainly():
            seen = _volumes(props)
            taken = _taken(None, {}, props, seen)
            claims.claim(connect(), _foreign(None, {}, props, seen), identity)
        return CreateResult(identity, {**props, "value": identity, "taken": taken})

    def update(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Claim the volumes that are taken from others, and keep them in mind."""
        with told_plainly():
            seen = _volumes(news)
            taken = _taken(id_, olds, news, seen)
            claims.claim(connect(), _foreign(id_, olds, news, seen), id_)
        return UpdateResult({**news, "value": id_, "taken": taken})

    def delete(self, id_: str, _props: dict[str, Any]) -> None:
        """Remove the claims on volumes that are gone."""
        with told_plainly():
            claims.release(connect(), id_)


def _taken(
    identity: str | None,
    olds: Mapping[str, Any],
    news: Mapping[str, Any],
    seen: Mapping[str, Labels],
) -> dict[str, str]:
    """Give the volumes that are ours without our label, each with the owner that its label names.

    Raises OwnershipError if a volume belongs to another and the command does not take it.
    """
    before = dict(olds.get("taken") or {})
    foreign = _foreign(identity, olds, news, seen)
    if foreign and not _claim().adopt:
        raise OwnershipError(refusal(_ours(identity, olds, news), foreign))
    unmarked = {name: labels.get(OWNER, "") for name, labels in seen.items()}
    return {**before, **{name: owner for name, owner in unmarked.items() if owner != identity}}


def _foreign(
    identity: str | None,
    olds: Mapping[str, Any],
    news: Mapping[str, Any],
    seen: Mapping[str, Labels],
) -> dict[str, Labels]:
    """Give those of the volumes in ``seen`` that belong to another, with their labels."""
    ours = _ours(identity, olds, news)
    return {name: labels for name, labels in seen.items() if not ours.owns(name, labels)}


def _ours(identity: str | None, olds: Mapping[str, Any], news: Mapping[str, Any]) -> Ours:
    return Ours(news["stack"], identity, dict(olds.get("taken") or {}), _claim().known)


def _claim() -> Claim:
    return msgspec.json.decode(os.environ.get(CLAIMING, "{}"), type=Claim)


def _looked(news: Mapping[str, Any]) -> Mapping[str, Labels]:
    """Give what `_volumes` gives, or nothing without a daemon: a preview needs none."""
    try:
        return _volumes(news)
    except (DaemonError, OSError):
        return {}


def _volumes(news: Mapping[str, Any]) -> Mapping[str, Labels]:
    """Give the labels of those volumes that are wanted and exist."""
    labels = owned_labels(connect().volumes()["Volumes"] or ())
    return {name: each for name, each in labels.items() if name in set(news["volumes"])}


class Identity(Resource, module="webstack", name="Identity"):
    """Declares the identity of the stack's state; ``value`` is the label that its volumes carry."""

    value: pulumi.Output[str]

    def __init__(self, labels: Labels, volumes: Sequence[str]) -> None:
        properties = {"stack": dict(labels), "volumes": sorted(volumes)}
        super().__init__(IdentityProvider(), "stack", {**properties, "value": None, "taken": None})
