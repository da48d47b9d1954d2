"""Makes secrets that nobody needs to choose: once per stack, kept encrypted in its state."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi.dynamic import (
    CreateResult,
    DiffResult,
    Resource,
    ResourceProvider,
    UpdateResult,
)

_BYTES = 48


class GeneratedSecretProvider(ResourceProvider):
    """Keeps one value for each serial, and earlier values for rollback."""

    serialize_as_secret_always = False  # it holds no values

    def diff(self, _id: str, olds: Mapping[str, Any], news: Mapping[str, Any]) -> DiffResult:
        """Report a change if the serial is another, or if another value comes back."""
        restored = news.get("restored")
        other = bool(restored) and restored != olds.get("value")
        return DiffResult(changes=other or olds.get("serial") != news.get("serial"))

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Draw a random value of 64 characters, unless an earlier value comes back."""
        return CreateResult("secret", _with_value(props, {}))

    def update(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Take the value that the serial had before, or draw a new one.

        A value that comes back with a release goes before both.
        """
        known = {**(olds.get("values") or {}), _key(olds): olds["value"]}
        return UpdateResult(_with_value(news, known))


def _with_value(properties: Mapping[str, Any], known: Mapping[str, str]) -> dict[str, Any]:
    key = _key(properties)
    drawn = secrets.token_urlsafe(_BYTES)  # no input: it is drawn once
    value = properties.get("restored") or known.get(key) or drawn
    return {"serial": properties["serial"], "value": value, "values": {**known, key: value}}


def _key(properties: Mapping[str, Any]) -> str:
    return str(int(properties["serial"]))


class GeneratedSecret(Resource, module="webstack", name="GeneratedSecret"):
    """Declares a random value; a higher ``serial`` rotates it.

    ``restored`` is the value that it had in a release that comes back.
    """

    value: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        serial: int,
        restored: pulumi.Output[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        secret = pulumi.ResourceOptions(additional_secret_outputs=["value", "values"])
        super().__init__(
            GeneratedSecretProvider(),
            name,
            {"serial": serial, "restored": restored, "value": None, "values": None},
            pulumi.ResourceOptions.merge(opts, secret),
        )
