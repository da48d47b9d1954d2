"""What was found of an application: values, and where each was found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from webstack.cli.applications.dependencies.pins import Later, Pin


@dataclass(frozen=True)
class Found:
    """One setting of the service to be: its key, its value, and what it was concluded from."""

    key: str
    value: Any
    source: str


@dataclass(frozen=True)
class Unsolved:
    """What could not be concluded, in words that name the line to add.

    A ``variable`` is one of the environment, which whoever adds the application may know.
    """

    words: str
    source: str = ""
    variable: str = ""

    def __str__(self) -> str:
        return f"{self.words} ({self.source})" if self.source else self.words


@dataclass(frozen=True)
class Packages:
    """What an application installs: the packages by name, how, and which Python it asks for.

    ``manager`` is one of pip, project, uv, poetry, pipenv and none; ``source`` is the file that
    says so. ``pins`` are the versions that it insists on, and ``files`` the requirements files
    that they stand in. ``extras`` are those that a project is installed with. ``later`` are the
    pins that are not for the base image's Python; ``judged`` is false where nobody could tell.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    manager: str = "none"
    source: str = ""
    python: str = ""
    pins: Mapping[str, Pin] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    later: Mapping[str, Later] = field(default_factory=dict)
    judged: bool = True

    def __contains__(self, name: str) -> bool:
        return name in self.names


@dataclass(frozen=True)
class Framework:
    """What one recogniser says: how the application is started, kept and asked.

    ``settings`` are those of the service. ``prepare`` are shell commands that the image is built
    with, after the code is in it, and ``environment`` what they are run with; ``installs`` are
    Python packages that its files do not ask for. ``links`` lead from
    paths of the application's folder, which is read-only, to others; ``files`` are written beside
    its code.
    """

    name: str
    settings: tuple[Found, ...] = ()
    prepare: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    unsolved: tuple[Unsolved, ...] = ()
    installs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Application:
    """All that is known of an application, and what is to be written for it."""

    framework: str
    settings: tuple[Found, ...]
    files: Mapping[str, str]
    unsolved: tuple[Unsolved, ...]

    def value(self, key: str) -> Any:
        """Give the value of a setting; None where nothing was found."""
        return next((each.value for each in self.settings if each.key == key), None)
