"""Finds secrets that stand where everybody can read them."""

from __future__ import annotations

from collections.abc import Iterator

from infra.policies import Declared, SecretText, policy
from webstack.contract import secret_signs


@policy(
    fix="make it a secret: secret_environment of the service, or a Pulumi secret; "
    "`webstack config set --secret` keeps one"
)
def plain_secret(resource: Declared) -> Iterator[str]:
    """No environment variable holds a secret in plain text."""
    if resource.kind != "Container":
        return
    for line in resource.known("envs"):
        if not isinstance(line, SecretText):
            name, _, value = line.partition("=")
            if reason := secret_signs.suspicion(name, value):
                yield f"has {name} in plain text: {reason}"
