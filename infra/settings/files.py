"""The settings files of stacks, for code that runs without a Pulumi engine.

Tests and the policy pack are such code. For the program, the engines read the files.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from webstack.contract import yaml_settings


def project_root() -> Path:
    """Find the folder of the project.

    It is the checkout that this module is part of. Else it is the nearest project at or above the
    folder where the process works, or that folder itself.
    """
    here = Path.cwd()
    candidates = (Path(__file__).parents[2], here, *here.parents)
    return next((each for each in candidates if (each / "Pulumi.yaml").is_file()), here)


ROOT = project_root()


def settings_of(stack: str) -> dict[str, Any]:
    """Read the configuration in a stack's settings file, as plain values by full key.

    Raises yaml_composer.MalformedError, and FileNotFoundError.
    """
    project = yaml_settings.read(ROOT / "Pulumi.yaml")["name"]
    document = yaml_settings.read(ROOT / f"Pulumi.{stack}.yaml") or {}
    own = document.get("config") or {}
    return {key if ":" in key else f"{project}:{key}": value for key, value in own.items()}
