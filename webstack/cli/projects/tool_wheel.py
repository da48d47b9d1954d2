"""Reads a wheel of the tool: its version, and the files of a project that it brings."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from webstack.cli.machine.tool_sources import WHEELS
from webstack.cli.projects.tree import File, Tree
from webstack.cli.terminal.errors import OpsError
from webstack.contract import plain_text

_TEMPLATE = "webstack/template/"
_STARTER = "services/web/"
_SHARED = "share/webstack/"
_PROXY = "proxy/"
_NAMED = ("Pulumi.yaml", "README.md")
_NAME = b"@NAME@"
_EXECUTABLE = 0o111
SETTINGS = ("Pulumi.dev.yaml", "Pulumi.staging.yaml", "Pulumi.production.yaml")
# The Pulumi CLI looks for the environment beside the program.
_ENVIRONMENT_LINK = {"infra/.venv": File(b"../.venv", link=True)}


@dataclass(frozen=True)
class ToolWheel:
    """Holds one wheel of the tool; raises OpsError where a file is none."""

    path: Path

    def __post_init__(self) -> None:
        if not self._names or not any(name.startswith(_TEMPLATE) for name in self._names):
            raise OpsError(
                f"{plain_text.line(str(self.path))} is no wheel of webstack from which a project "
                "can be made",
                "name one such as webstack-0.3.0-py3-none-any.whl",
            )

    @property
    def version(self) -> str:
        """Give the version, as the wheel's own metadata has it."""
        [folder] = {name.partition("/")[0] for name in self._names if ".dist-info/" in name}
        return folder.removesuffix(".dist-info").partition("-")[2]

    def project(self, name: str, *, proxy: bool) -> dict[str, File]:
        """Give the files of a project without services, for the wheel's version.

        With ``proxy`` the recipe of nginx's image is among them.
        """
        tree = {
            path: _for(name, file) if path in _NAMED else file
            for path, file in self._below(_TEMPLATE).items()
            if not path.startswith(_STARTER)
        }
        kept = {f"{WHEELS}/{self.path.name}": File(self.path.read_bytes())}
        return {**tree, **_ENVIRONMENT_LINK, **kept, **(self._proxy() if proxy else {})}

    def starter(self) -> Tree:
        """Give the files of the application that a project without one begins with."""
        files = self._below(_TEMPLATE + _STARTER)
        return {name.removeprefix(_STARTER): file for name, file in files.items()}

    def _proxy(self) -> Tree:
        [data] = {name.partition("/")[0] for name in self._names if ".data/data/" in name}
        files = self._below(f"{data}/data/{_SHARED}")
        return {name: file for name, file in files.items() if name.startswith(_PROXY)}

    def _below(self, folder: str) -> dict[str, File]:
        with zipfile.ZipFile(self.path) as archive:
            return {
                entry.filename.removeprefix(folder): File(
                    archive.read(entry), executable=bool(entry.external_attr >> 16 & _EXECUTABLE)
                )
                for entry in archive.infolist()
                if entry.filename.startswith(folder) and not entry.is_dir()
            }

    @cached_property
    def _names(self) -> frozenset[str]:
        try:
            with zipfile.ZipFile(self.path) as archive:
                return frozenset(archive.namelist())
        except (OSError, zipfile.BadZipFile):
            return frozenset()


def _for(name: str, file: File) -> File:
    return File(file.content.replace(_NAME, name.encode()), file.executable)
