"""Makes a new project, whole or not at all."""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from webstack.cli.machine.shell import CommandError, run
from webstack.cli.projects.services import Service
from webstack.cli.projects.tool_wheel import SETTINGS, ToolWheel
from webstack.cli.projects.tree import File, Tree, write_tree
from webstack.cli.terminal.errors import OpsError
from webstack.contract import plain_text

_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
_CACHE = ".cache/setup"
_REPLICAS = {"Pulumi.dev.yaml": 1}
"""Containers of each service; two elsewhere, so that one may fail."""


def project_name(folder: Path, given: str | None) -> str:
    """Give the project's name, its folder's unless one is given; raises OpsError."""
    name = folder.resolve().name if given is None else given
    if not _NAME.fullmatch(name):
        raise OpsError(
            f'"{plain_text.line(name)}" is no name for a project: it begins with a small letter, '
            "and has small letters, digits and dashes, 40 at most",
            "give one with --name",
        )
    return name


def project_tree(
    wheel: ToolWheel, name: str, services: Sequence[Service], *, proxy: bool
) -> dict[str, File]:
    """Give all files of a new project; the first service is served at ``/``.

    Raises OpsError where two services have the same name.
    """
    tree = wheel.project(name, proxy=proxy)
    for each in services:
        folder = f"services/{each.name}/"
        if any(path.startswith(folder) for path in tree):
            raise OpsError(f"two services are named {each.name}", "rename the folder of one")
        tree |= {folder + path: file for path, file in each.tree.items()}
    return {**tree, **_settings(tree, services)}


def _settings(tree: Tree, services: Sequence[Service]) -> dict[str, File]:
    """Give the settings files with the services at their end."""
    routed = [("/" if not index else f"/{each.name}", each) for index, each in enumerate(services)]
    return {
        name: File(
            tree[name].content
            + "".join(each.lines(path, _REPLICAS.get(name, 2)) for path, each in routed).encode()
        )
        for name in SETTINGS
    }


def check_place(folder: Path) -> None:
    """Raise OpsError unless a project can be made in a folder: it is missing, or empty."""
    shown = plain_text.line(str(folder))
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise OpsError(f"{shown} exists and is no folder", "name another")
    if folder.is_dir() and any(folder.iterdir()):
        raise OpsError(f"{shown} exists and is not empty", "name a folder that is to be made")


def write_project(folder: Path, tree: Tree) -> None:
    """Write a project beside its place, and move it there; raises OpsError."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as made:
            root = Path(made, folder.name)
            root.mkdir()
            write_tree(root, tree)
            _begin_repository(root)
            root.rename(folder)
    except OSError as error:
        shown = plain_text.line(str(folder))
        raise OpsError(f"cannot make {shown}: {error.strerror}", "name another place") from None


def share_installer(folder: Path) -> None:
    """Give a project the installer that the project of this environment has, if it has one."""
    for home in (Path(sys.prefix).resolve().parent / _CACHE).glob("uv-*"):
        with suppress(OSError):
            shutil.copytree(home, folder / _CACHE / home.name, copy_function=_linked)


def _linked(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _begin_repository(root: Path) -> None:
    """Make it a git repository, unless it will lie in one; upgrades are reviewed there."""
    with suppress(CommandError):
        run(["git", "rev-parse", "--git-dir"], cwd=root)
        return
    if shutil.which("git"):
        run(["git", "init", "-q", "-b", "main"], cwd=root)
