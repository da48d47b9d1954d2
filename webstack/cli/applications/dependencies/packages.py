"""Which Python packages an application installs, and by which tool."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

import tomli

from webstack.cli.applications.dependencies.pins import (
    PYTHON,
    Later,
    later,
    locked,
    number,
    pinned,
    plain,
    unknown,
)
from webstack.cli.applications.findings import Packages, Unsolved
from webstack.cli.applications.tree import SourceTree

LookUp = Callable[[Iterable[str]], Mapping[str, Sequence[str]]]
"""Gives the names of the files that a package index has of packages; raises OSError."""
GUNICORN = "gunicorn"
_OF_USE = {
    GUNICORN: ("23.0.0", "hears of no path over a socket"),
    "typing-extensions": ("4.12.0", "cannot be imported by Python 3.13"),
}
"""The first versions that are of use, where no wheel tells, and what is wrong with those before."""
_REQUIREMENTS = (
    "requirements.txt",
    "requirements/production.txt",
    "requirements/prod.txt",
    "requirements/base.txt",
    "requirements/common.txt",
    "requirements-prod.txt",
    "requirements/requirements.txt",
)
_NAME = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(\[[^\]]*\])?\s*([^;#]*)")
_INSTALLERS = ("Dockerfile", "Makefile", "Procfile")
_WITH_EXTRAS = re.compile(r"\bpip3? install\b[^\n]{0,80}?\s['\"]?\.\[([\w, -]{1,80})\]")
_CONSTRAINTS = ("-c", "--constraint")
_FILES = ("-r", "--requirement", *_CONSTRAINTS)
_NO_NAMES = ("#", "-", "http", "git+", ".")
_MOST_LINES = 3000
_DEEPEST = 4
_DJANGO_FOR_THIS_PYTHON = (4, 2)


def packages_of(tree: SourceTree, root: str = "") -> Packages:
    """Give the packages of the application below ``root``, a folder such as ``backend/``."""
    project = _toml(tree, f"{root}pyproject.toml")
    python = _python(tree, root, project)
    for manager, lock in (("uv", f"{root}uv.lock"), ("poetry", f"{root}poetry.lock")):
        if lock in tree.names:
            pins = locked(tree, lock)
            return Packages(_of_project(project), manager, lock, python, pins)
    for name in _REQUIREMENTS:
        if (path := f"{root}{name}") in tree.texts:
            found = dict(_required(tree, path))
            files = tuple(dict.fromkeys(_requirement_files(tree, path)))
            hashed = any("--hash=" in tree.text(each) for each in files)
            pins = {} if hashed else pinned(found)
            return Packages(found, "pip", path, python, pins, files)
    if f"{root}Pipfile" in tree.names:
        pipfile = _toml(tree, f"{root}Pipfile").get("packages") or {}
        found = {plain(name): str(version) for name, version in pipfile.items()}
        pins = locked(tree, f"{root}Pipfile.lock")
        return Packages(found, "pipenv", f"{root}Pipfile", python, pins)
    extras = _extras(tree, root, project)
    if found := _of_project(project, extras):
        return Packages(found, "project", f"{root}pyproject.toml", python, extras=extras)
    if f"{root}setup.py" in tree.names:
        return Packages({}, "project", f"{root}setup.py", python)
    return Packages(python=python)


def judged(packages: Packages, look_up: LookUp) -> Packages:
    """Say which of the pins are not for the base image's Python, of what an index has.

    Packages that are pinned by their hashes stay as they are.
    """
    try:
        found = later(packages.pins, look_up(unknown(packages.pins)))
    except OSError:
        return replace(packages, judged=False)
    for name, (first, _) in _OF_USE.items():
        pin = packages.pins.get(name)
        if pin and number(pin.version) < number(first):
            found[name] = Later(pin.version, first, same=True)
    return replace(packages, later=found)


def misfits(packages: Packages) -> Iterator[Unsolved]:
    """Say what the base image's Python does not run."""
    here = ".".join(map(str, PYTHON))
    way_out = "write a Dockerfile of its own, FROM python:3.11-slim or what it asks for"
    if packages.python and not _allows(packages.python):
        yield Unsolved(
            f"it asks for Python {packages.python}, the base image has {here}; {way_out}"
        )
    yield from _of_pins(packages, here)
    pinned = re.match(r"[=~^><]=?\s*(\d+)\.(\d+)", packages.names.get("django", ""))
    if pinned and packages.names["django"].startswith(("=", "~", "^")):
        version = (int(pinned[1]), int(pinned[2]))
        if version < _DJANGO_FOR_THIS_PYTHON:
            said = ".".join(map(str, version))
            yield Unsolved(
                f"Django {said} does not run on Python {here}; {way_out}", packages.source
            )


def _of_pins(packages: Packages, here: str) -> Iterator[Unsolved]:
    """Say what is taken in place of pins, or that nobody could tell."""
    if not packages.judged:
        yield Unsolved(
            f"the package index does not answer, so whether its pins are for Python {here} is not "
            "known; add it again when there is a network",
            packages.source,
        )
    for name, each in sorted(packages.later.items()):
        if name in _OF_USE:
            words = f"{_OF_USE[name][1]}: the image takes"
        elif each.same:
            words = f"has no wheel for Python {here}: the image takes"
        else:
            words = f"has no wheel for Python {here} and is compiled; if that fails, ask for"
        yield Unsolved(f"{name} {each.version} {words} {each.first} on", packages.source)


def _requirement_files(tree: SourceTree, path: str, depth: int = 0) -> Iterator[str]:
    """Give a requirements file, and those that it names."""
    if path in tree.texts:
        yield path
    for line in tree.text(path).splitlines()[:_MOST_LINES] if depth < _DEEPEST else ():
        if beside := _names_file(path, line):
            yield from _requirement_files(tree, beside, depth + 1)


def _names_file(path: str, line: str) -> str:
    """Give the requirements file that a line of another one names; nothing for other lines."""
    words = line.strip()
    if not words.startswith(_FILES):
        return ""
    name = re.sub(r"^-{1,2}[a-z]+[ =]*", "", words)
    return posixpath.normpath((PurePosixPath(path).parent / name).as_posix())


def _required(tree: SourceTree, path: str, depth: int = 0) -> Iterator[tuple[str, str]]:
    """Give the packages of a requirements file, and of those that it names."""
    for line in tree.text(path).splitlines()[:_MOST_LINES]:
        words = line.strip()
        if (beside := _names_file(path, line)) and depth < _DEEPEST:
            if not words.startswith(_CONSTRAINTS):
                yield from _required(tree, beside, depth + 1)
        elif not words.startswith(_NO_NAMES):
            yield from _named(words)


def _named(words: str) -> Iterator[tuple[str, str]]:
    """Give the package of a requirement, and psycopg's part in C, which its extra stands for."""
    if found := _NAME.match(words):
        yield plain(found[1]), found[3].strip()
        if plain(found[1]) == "psycopg" and "c" in re.split(r"[\[\],\s]+", found[2] or ""):
            yield "psycopg-c", ""


def _extras(tree: SourceTree, root: str, project: Mapping[str, Any]) -> tuple[str, ...]:
    """Give the extras with which the project's own files install it."""
    known = _table(_table(project, "project"), "optional-dependencies")
    said = [_WITH_EXTRAS.findall(tree.text(f"{root}{name}")) for name in _INSTALLERS]
    names = (name.strip() for each in said for words in each for name in words.split(","))
    return tuple(dict.fromkeys(name for name in names if name in known))


def _of_project(project: Mapping[str, Any], extras: Iterable[str] = ()) -> dict[str, str]:
    """Give the packages that pyproject.toml names, in its own words or in Poetry's."""
    optional = _table(_table(project, "project"), "optional-dependencies")
    found: dict[str, str] = {}
    for listed in (_table(project, "project").get("dependencies"), *map(optional.get, extras)):
        for each in listed if isinstance(listed, list) else []:
            found |= dict(_named(str(each)))
    poetry = _table(_table(_table(project, "tool"), "poetry"), "dependencies")
    for name, version in poetry.items():
        said = version.get("version", "") if isinstance(version, Mapping) else version
        found[plain(name)] = str(said)
    found.pop("python", None)
    return found


def _python(tree: SourceTree, root: str, project: Mapping[str, Any]) -> str:
    said = _table(project, "project").get("requires-python")
    poetry = _table(_table(_table(project, "tool"), "poetry"), "dependencies").get("python")
    return str(said or poetry or "")


def _allows(specifier: str) -> bool:
    """Tell whether a specifier such as ``>=3.9,<3.12`` or ``^3.9`` lets the base image's Python."""
    parts = re.findall(r"(<=|>=|==|!=|~=|<|>|\^|~)?\s*(\d+)(?:\.(\d+))?((?:\.\d+)?)", specifier)
    return all(_fits(sign, int(major), minor, patch) for sign, major, minor, patch in parts)


def _fits(sign: str, major: int, minor: str, patch: str) -> bool:
    """Tell whether one part lets it; a patch level below is one that it has."""
    bound = (major, int(minor)) if minor else (major,)
    here: tuple[int, ...] = PYTHON[: len(bound)]
    later = patch not in ("", ".0")
    fits = {
        "<": here < bound or (here == bound and later),
        "<=": here <= bound,
        ">": here > bound or (here == bound and later),
        ">=": here >= bound,
        "^": here >= bound and PYTHON[0] == major,
        "~=": here == bound if patch else here >= bound and PYTHON[0] == major,
        "!=": here != bound or later,
    }
    return fits.get(sign, here == bound)


def _table(value: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = value.get(key)
    return found if isinstance(found, Mapping) else {}


def _toml(tree: SourceTree, path: str) -> Mapping[str, Any]:
    try:
        return tomli.loads(tree.text(path))
    except (tomli.TOMLDecodeError, RecursionError):
        return {}
