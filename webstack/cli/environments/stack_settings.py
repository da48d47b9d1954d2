"""Reads the settings files of a project's stacks as they stand there."""

from __future__ import annotations

import os
from collections import ChainMap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from webstack.cli.backends import pulumi_environment
from webstack.cli.terminal.errors import OpsError
from webstack.contract.yaml_settings import as_text
from webstack.engine.model.errors import EngineError
from webstack.engine.project.config import own_values, read_settings
from webstack.engine.project.project import Project
from webstack.engine.storage.crypto import Crypter, passphrase_from


def values_of(project: Project, stack: str) -> dict[str, Any]:
    """Give the settings of a stack's own file; raises OpsError where it has none.

    Structures are as they stand there, single values are texts: the Pulumi CLI writes them as such
    when it changes a file, and to the program false and "false" are the same.
    """
    file = project.settings_file(stack)
    if not file.is_file():
        raise OpsError(
            f"there is no {file.name}", f"there are {', '.join(stacks_with_settings(project))}"
        )
    return {
        key: value if isinstance(value, Mapping | list) else as_text(value)
        for key, value in own_values(file).items()
    }


def debugs(project: Project, stack: str) -> bool:
    """Tell whether the images of a stack are built with debugging in them; raises OpsError."""
    return values_of(project, stack).get("webstack:debug") == "true"


def opener_of(project: Project, stack: str) -> Crypter | None:
    """Give what opens a stack's settings; None where its passphrase is not known here."""
    salt = read_settings(project, stack).salt
    if salt is None:
        return None
    try:
        crypter = Crypter(salt, passphrase_from(environ_of(project, stack)))
        crypter.verify()
    except EngineError:
        return None
    return crypter


def stacks_with_settings(project: Project) -> list[str]:
    """List the stacks that have a settings file."""
    return [
        file.name.removeprefix("Pulumi.").removesuffix(".yaml") for file in settings_files(project)
    ]


def settings_files(project: Project) -> list[Path]:
    """List the settings files of all stacks."""
    folder = project.root / project.settings_folder
    return sorted(folder.glob("Pulumi.*.yaml"))


def environ_of(project: Project, stack: str, environment: str | None = None) -> Mapping[str, str]:
    """Give the environment with what a stack's state and passphrase are found by.

    ``environment`` is the kind of a stack that has no settings yet.
    """
    added = pulumi_environment.variables(project, stack, os.environ, environment)
    return ChainMap(dict(added), dict(os.environ))
