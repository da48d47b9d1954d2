"""The settings files of stacks, for what has no Pulumi engine to read them: tests, the policy pack.

The engines read them for the program.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]
_BOOL = "tag:yaml.org,2002:bool"


class _Loader(yaml.SafeLoader):
    """Takes only true and false for such, as the engines do: ``off`` is a word."""


_Loader.yaml_implicit_resolvers = {
    first: [each for each in resolvers if each[0] != _BOOL]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(_BOOL, re.compile(r"(?:true|false)\Z", re.IGNORECASE), list("tTfF"))


def settings_of(stack: str) -> dict[str, Any]:
    """The configuration in a stack's settings file, as plain values."""
    text = (ROOT / f"Pulumi.{stack}.yaml").read_text()
    document = yaml.load(text, _Loader)  # noqa: S506 - a safe loader
    return dict((document or {}).get("config") or {})
