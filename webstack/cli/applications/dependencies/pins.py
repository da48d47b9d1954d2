"""Which pinned versions have no wheel for the base image's Python, and which later ones have.

A version with wheels for certain Pythons was built and tried for those. Without one for this Python
it has to be compiled, and often cannot be, or its pure wheel fails when it is imported.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import tomli

from webstack.cli.applications.tree import SourceTree

PYTHON = (3, 13)
"""The Python of the base image, and the only one that it has."""
_PIN = re.compile(r"==\s*([\d.]+)\s*(?:\\|,|$)")
_STABLE = re.compile(r"\d+(\.\d+)*(\.post\d+)?")
_TAG = re.compile(r"cp3(\d{1,3})")
_HERE = f"cp{PYTHON[0]}{PYTHON[1]}"


@dataclass(frozen=True)
class Pin:
    """A version that the application insists on, and its files where a lock names them."""

    version: str
    files: tuple[str, ...] = ()


@dataclass(frozen=True)
class Wheel:
    """One built file of a package: its version, and what it is built for."""

    version: str
    python: tuple[str, ...]
    abi: str
    platform: str

    @property
    def is_for_linux(self) -> bool:
        """Tell whether it can be of use on Linux."""
        return self.platform == "any" or "linux" in self.platform

    @property
    def is_bound(self) -> bool:
        """Tell whether it is for certain Pythons alone."""
        return self.abi != "abi3" and any(_TAG.fullmatch(each) for each in self.python)

    @property
    def fits(self) -> bool:
        """Tell whether the base image's Python takes it, on whatever machine."""
        if self.abi == "abi3":
            found = [int(tag[1]) for each in self.python if (tag := _TAG.fullmatch(each))]
            return any(minor <= PYTHON[1] for minor in found)
        if self.is_bound:
            return _HERE in self.python and self.abi in (_HERE, "none")
        return any(each.startswith("py3") for each in self.python)


@dataclass(frozen=True)
class Later:
    """A pin without a wheel for this Python, and the first later version with one.

    ``same`` says that it is of the same major version, which the application may well take.
    """

    version: str
    first: str
    same: bool


def pinned(names: Mapping[str, str]) -> dict[str, Pin]:
    """Give the pins among requirements by their names, ``==2.0.1`` and no range."""
    found = {name: _PIN.match(said) for name, said in names.items()}
    return {name: Pin(match[1].strip(".")) for name, match in found.items() if match}


def locked(tree: SourceTree, path: str) -> dict[str, Pin]:
    """Give the pins of a lock file: uv.lock, poetry.lock or Pipfile.lock."""
    if path.endswith("Pipfile.lock"):
        return pinned(dict(_of_pipenv(tree.text(path))))
    try:
        packages = tomli.loads(tree.text(path)).get("package")
    except (tomli.TOMLDecodeError, RecursionError):
        return {}
    listed = packages if isinstance(packages, list) else []
    return {
        plain(str(each["name"])): Pin(str(each["version"]), tuple(_files(each)))
        for each in listed
        if isinstance(each, dict) and "name" in each and "version" in each
    }


def _of_pipenv(text: str) -> Iterator[tuple[str, str]]:
    try:
        said = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return
    packages = said.get("default") if isinstance(said, dict) else None
    for name, each in packages.items() if isinstance(packages, dict) else ():
        if isinstance(each, dict):
            yield plain(str(name)), str(each.get("version", ""))


def _files(package: Mapping[str, Any]) -> Iterator[str]:
    """Give the names of a locked package's files, in uv's words or in Poetry's."""
    for key, name in (("wheels", "url"), ("files", "file")):
        listed = package.get(key)
        for each in listed if isinstance(listed, list) else ():
            if isinstance(each, dict):
                yield str(each.get(name, "")).rpartition("/")[2]


def unknown(pins: Mapping[str, Pin]) -> list[str]:
    """Name the packages that an index has to be asked for: their lock names no wheel that fits."""
    return sorted(name for name, pin in pins.items() if not _served(wheels(pin.files)))


def later(pins: Mapping[str, Pin], index: Mapping[str, Sequence[str]]) -> dict[str, Later]:
    """Give the pins that are not for this Python; ``index`` has the files of each package."""
    built = {name: wheels(index.get(name, ())) for name in unknown(pins)}
    found = {name: _later(pins[name].version, each) for name, each in built.items()}
    return {name: each for name, each in found.items() if each}


def _later(version: str, built: Sequence[Wheel]) -> Later | None:
    own = [each for each in built if each.version == version]
    on_linux = any(each.is_for_linux for each in own)
    usable = [each for each in built if each.is_for_linux or not on_linux]
    if not any(each.is_bound for each in own) or _served(set(own) & set(usable)):
        return None
    meant = [each for each in usable if each.is_bound or each.abi == "abi3"]
    versions = {each.version for each in meant if _STABLE.fullmatch(each.version)}
    after = sorted((v for v in versions if number(v) > number(version)), key=number)
    served = [v for v in after if _served(each for each in meant if each.version == v)]
    same = [v for v in served if number(v)[0] == number(version)[0]]
    first = next(iter([*same, *served]), None)
    return Later(version, first, bool(same)) if first else None


def _served(built: Iterable[Wheel]) -> bool:
    """Tell whether a version's wheels serve this Python; a pure one beside bound ones does not."""
    found = list(built)
    bound = [each for each in found if each.is_bound or each.abi == "abi3"]
    return any(each.fits for each in bound or found)


def wheels(files: Iterable[str]) -> list[Wheel]:
    """Read what wheels are for from the names of files; others are passed over."""
    found = []
    for file in files:
        parts = file.removesuffix(".whl").split("-")
        if file.endswith(".whl") and len(parts) >= 5:  # name, version and three tags
            python, abi, platform = parts[-3:]
            found.append(Wheel(parts[1], tuple(python.split(".")), abi, platform))
    return found


def number(version: str) -> list[int]:
    """Give the numbers of a version, for an order."""
    return [int(part) for part in re.findall(r"\d+", version)[:8]] or [0]


def plain(name: str) -> str:
    """Give a package's name as indexes write it: ``Flask_SQLAlchemy`` is flask-sqlalchemy."""
    return re.sub(r"[-_.]+", "-", str(name)).lower()
