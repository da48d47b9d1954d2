"""Secrets that nobody needs to choose: made once per stack, kept encrypted in its state."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, Resource, ResourceProvider

_BYTES = 48


class GeneratedSecretProvider(ResourceProvider):
    """Makes a new value when the serial changes, and never otherwise."""

    serialize_as_secret_always = False  # it holds no values

    def diff(self, _id: str, olds: Mapping[str, Any], news: Mapping[str, Any]) -> DiffResult:
        """Another serial is another secret."""
        changed = olds.get("serial") != news.get("serial")
        return DiffResult(changes=changed, replaces=["serial"] if changed else [])

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Draw a value of 64 characters."""
        return CreateResult(
            f"serial-{props['serial']}", {**props, "value": secrets.token_urlsafe(_BYTES)}
        )


class GeneratedSecret(Resource, module="webstack", name="GeneratedSecret"):
    """A random value; raising ``serial`` rotates it."""

    value: pulumi.Output[str]

    def __init__(self, name: str, serial: int, opts: pulumi.ResourceOptions | None = None) -> None:
        secret = pulumi.ResourceOptions(additional_secret_outputs=["value"])
        super().__init__(
            GeneratedSecretProvider(),
            name,
            {"serial": serial, "value": None},
            pulumi.ResourceOptions.merge(opts, secret),
        )
