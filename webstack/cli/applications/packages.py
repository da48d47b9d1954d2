"""Which Python packages an application installs, and by which tool."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

import tomli

from webstack.cli.applications.findings import Packages, Unsolved
from webstack.cli.applications.tree import SourceTree

PYTHON = (3, 13)
"""The Python of the base image, and the only one that it has."""
_OLDEST = {
    "cffi": "1.17.1",
    "greenlet": "3.1.1",
    "gunicorn": "23.0.0",
    "lxml": "5.3.0",
    "psycopg2": "2.9.10",
    "psycopg2-binary": "2.9.10",
    "pyyaml": "6.0.2",
}
"""The first versions that are of use: those before do not even compile for the base image's
Python, or, gunicorn, hear nothing of a path over a unix socket.
"""
_REQUIREMENTS = (
    "requirements.txt",
    "requirements/production.txt",
    "requirements/prod.txt",
    "requirements/base.txt",
    "requirements/common.txt",
    "requirements-prod.txt",
    "requirements/requirements.txt",
)
_NAME = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*([^;#]*)")
_NO_NAMES = ("#", "-", "http", "git+", ".")
_MOST_LINES = 3000
_DEEPEST = 4
_DJANGO_FOR_THIS_PYTHON = (4, 2)


def packages_of(tree: SourceTree, root: str = "") -> Packages:
    """Give the packages of the application below ``root``, a folder such as ``backend/``."""
    project = _toml(tree, f"{root}pyproject.toml")
    python = _python(tree, root, project)
    if f"{root}uv.lock" in tree.names:
        return Packages(_of_project(project), "uv", f"{root}uv.lock", python)
    if f"{root}poetry.lock" in tree.names:
        return Packages(_of_project(project), "poetry", f"{root}poetry.lock", python)
    for name in _REQUIREMENTS:
        if f"{root}{name}" in tree.texts:
            found = dict(_required(tree, f"{root}{name}"))
            return Packages(found, "pip", f"{root}{name}", python)
    if f"{root}Pipfile" in tree.names:
        pipfile = _toml(tree, f"{root}Pipfile").get("packages") or {}
        found = {_plain(name): str(version) for name, version in pipfile.items()}
        return Packages(found, "pipenv", f"{root}Pipfile", python)
    if found := _of_project(project):
        return Packages(found, "project", f"{root}pyproject.toml", python)
    if f"{root}setup.py" in tree.names:
        return Packages({}, "project", f"{root}setup.py", python)
    return Packages(python=python)


def raised(packages: Packages) -> dict[str, str]:
    """Give the packages that are pinned to what is of no use here, with what is.

    Packages that are pinned by their hashes stay as they are.
    """
    pinned = {name: re.match(r"==\s*([\d.]+)", packages.names.get(name, "")) for name in _OLDEST}
    return {
        name: _OLDEST[name]
        for name, found in pinned.items()
        if found and _number(found[1]) < _number(_OLDEST[name])
    }


def _number(version: str) -> list[int]:
    return [int(part) for part in version.split(".") if part]


def misfits(packages: Packages) -> Iterator[Unsolved]:
    """Say what the base image's Python does not run."""
    here = ".".join(map(str, PYTHON))
    way_out = "write a Dockerfile of its own, FROM python:3.11-slim or what it asks for"
    if packages.python and not _allows(packages.python):
        yield Unsolved(
            f"it asks for Python {packages.python}, the base image has {here}; {way_out}"
        )
    for name, later in raised(packages).items():
        said = packages.names[name].removeprefix("==").split()[0]
        yield Unsolved(
            f"{name} {said} is too old for Python {here} or the proxy: the image takes {later} on",
            packages.source,
        )
    pinned = re.match(r"[=~^><]=?\s*(\d+)\.(\d+)", packages.names.get("django", ""))
    if pinned and packages.names["django"].startswith(("=", "~", "^")):
        version = (int(pinned[1]), int(pinned[2]))
        if version < _DJANGO_FOR_THIS_PYTHON:
            said = ".".join(map(str, version))
            yield Unsolved(
                f"Django {said} does not run on Python {here}; {way_out}", packages.source
            )


def _required(tree: SourceTree, path: str, depth: int = 0) -> Iterator[tuple[str, str]]:
    """Give the packages of a requirements file, and of those that it names."""
    for line in tree.text(path).splitlines()[:_MOST_LINES]:
        words = line.strip()
        if words.startswith(("-r", "--requirement")) and depth < _DEEPEST:
            name = re.sub(r"^(-r|--requirement)[ =]*", "", words)
            beside = (PurePosixPath(path).parent / name).as_posix()
            yield from _required(tree, beside, depth + 1)
        elif not words.startswith(_NO_NAMES) and (found := _NAME.match(words)):
            yield _plain(found[1]), found[2].strip()


def _of_project(project: Mapping[str, Any]) -> dict[str, str]:
    """Give the packages that pyproject.toml names, in its own words or in Poetry's."""
    listed = _table(project, "project").get("dependencies") or []
    found = {}
    for each in listed if isinstance(listed, list) else []:
        if match := _NAME.match(str(each)):
            found[_plain(match[1])] = match[2].strip()
    poetry = _table(_table(_table(project, "tool"), "poetry"), "dependencies")
    for name, version in poetry.items():
        said = version.get("version", "") if isinstance(version, Mapping) else version
        found[_plain(name)] = str(said)
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


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", str(name)).lower()


def _table(value: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = value.get(key)
    return found if isinstance(found, Mapping) else {}


def _toml(tree: SourceTree, path: str) -> Mapping[str, Any]:
    try:
        return tomli.loads(tree.text(path))
    except (tomli.TOMLDecodeError, RecursionError):
        return {}
