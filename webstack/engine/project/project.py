"""Reads Pulumi.yaml: where the program, its state and its stacks' settings are."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from webstack.engine.model.errors import ProjectError, UnsupportedError
from webstack.engine.project import options as project_options
from webstack.engine.project import yaml_files
from webstack.engine.project.declared_config import DeclaredSetting, declared

FILE = "Pulumi.yaml"


@dataclass(frozen=True)
class Project:
    """Holds one Pulumi.yaml, and the environment in which it is used."""

    root: Path
    name: str
    main: Path
    virtualenv: Path | None = None
    description: str = ""
    config: tuple[DeclaredSetting, ...] = ()
    settings_folder: Path = Path()
    backend_url: str = ""
    refreshes: bool = False
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)

    @staticmethod
    def load(root: Path, environ: Mapping[str, str] | None = None) -> Project:
        """Read the project in ``root``; raises ProjectError naming what is wrong."""
        root = root.resolve()
        path = root / FILE
        if not path.is_file():
            raise ProjectError(f"no {FILE} in {root}: run this inside the project")
        given = os.environ if environ is None else environ
        return _from_document(root, yaml_files.read(path), given)

    def settings_file(self, stack: str) -> Path:
        """Return the path of a stack's settings file, whether it exists or not."""
        return self.root / self.settings_folder / f"Pulumi.{stack}.yaml"

    @property
    def state_folder(self) -> Path:
        """Return the folder that holds ``.pulumi``, from PULUMI_BACKEND_URL or Pulumi.yaml."""
        url = self.environ.get("PULUMI_BACKEND_URL") or self.backend_url
        if not url:
            raise ProjectError(
                f"no state folder: set backend.url in {FILE} or PULUMI_BACKEND_URL, "
                "for example file://.state"
            )
        return _folder(self.root, url)


def _from_document(root: Path, document: Mapping[str, Any], environ: Mapping[str, str]) -> Project:
    name = document.get("name")
    if not isinstance(name, str) or not name:
        raise ProjectError(f"{FILE} must give the project's name")
    runtime, options = _runtime(document.get("runtime"))
    if runtime != "python":
        raise UnsupportedError(f"the runtime {runtime!r} in {FILE}")
    project_options.require_served(document)
    virtualenv = project_options.virtualenv(options)
    config, folder = _config(document)
    main = root / (document.get("main") or ".")
    if not main.exists():
        raise ProjectError(f"{FILE} names main: {document.get('main')}, which does not exist")
    return Project(
        root=root,
        name=name,
        main=main,
        virtualenv=root / virtualenv if virtualenv else None,
        description=document.get("description") or "",
        config=declared(name, config),
        settings_folder=Path(folder),
        backend_url=project_options.section(document, "backend", known=("url",)).get("url") or "",
        refreshes=project_options.refreshes(document),
        environ=environ,
    )


def _config(document: Mapping[str, Any]) -> tuple[Mapping[str, Any], str]:
    """Return the declared settings, and the folder of the settings files if ``config`` names it."""
    config, folder = document.get("config"), document.get("stackConfigDir") or ""
    if not isinstance(config, str):
        return project_options.section(document, "config"), folder
    if folder:
        raise ProjectError(
            f"config and stackConfigDir in {FILE} both name a folder: keep the latter"
        )
    return {}, config


def _runtime(value: Any) -> tuple[str, Mapping[str, Any]]:
    if isinstance(value, str):
        return value, {}
    if isinstance(value, Mapping) and isinstance(value.get("name"), str):
        options = value.get("options") or {}
        if not isinstance(options, Mapping):
            raise ProjectError(f"runtime.options in {FILE} must be a mapping")
        return value["name"], options
    raise ProjectError(f"{FILE} must give the runtime, for example: runtime: python")


def _folder(root: Path, url: str) -> Path:
    parts = urlsplit(url)
    if not parts.scheme:
        raise ProjectError(f"the backend {url} has no scheme: a folder is written file://{url}")
    if parts.scheme != "file":
        raise UnsupportedError(f"the backend {url}")
    path = unquote(parts.netloc + parts.path)
    return (root / Path(path).expanduser()).resolve()
