"""The settings files of stacks, for what has no Pulumi engine to read them: tests, the policy pack.

The engines read them for the program.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from webstack.contract import yaml_settings


def project_root() -> Path:
    """Find the project: the checkout that this module is part of, else where the process works."""
    here = Path.cwd()
    candidates = (Path(__file__).parents[2], here, *here.parents)
    return next((each for each in candidates if (each / "Pulumi.yaml").is_file()), here)


ROOT = project_root()


def settings_of(stack: str) -> dict[str, Any]:
    """The configuration in a stack's settings file, as plain values by full key.

    Raises yaml_composer.MalformedError, and FileNotFoundError.
    """
    project = yaml_settings.read(ROOT / "Pulumi.yaml")["name"]
    document = yaml_settings.read(ROOT / f"Pulumi.{stack}.yaml") or {}
    own = document.get("config") or {}
    return {key if ":" in key else f"{project}:{key}": value for key, value in own.items()}
