"""The wheel holds every file that the tool needs, also files that are no modules."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[1]
SETUPTOOLS: Any = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
SHARED = "share/webstack"


def matched(folder: Path, patterns: list[str]) -> set[Path]:
    return {file for pattern in patterns for file in folder.glob(pattern) if file.is_file()}


def shared() -> dict[Path, Path]:
    """Give the files that are installed below SHARED, each with its file in this checkout."""
    return {
        Path(place).relative_to(SHARED) / file.name: file.relative_to(ROOT)
        for place, patterns in SETUPTOOLS["data-files"].items()
        for file in matched(ROOT, patterns)
    }


@pytest.mark.parametrize("package", ["webstack", "webstack_service", "infra", "proxy"])
def test_each_file_of_a_package_that_is_no_module_is_in_the_wheel(package: str):
    found = matched(ROOT / package, SETUPTOOLS["package-data"].get(package, []))
    found |= {ROOT / file for file in shared().values()}
    missing = [
        str(file.relative_to(ROOT))
        for file in (ROOT / package).rglob("*")
        if file.is_file()
        and file.suffix not in (".py", ".pyc")
        and not {".venv", "docs"} & set(file.relative_to(ROOT).parts)
        and file not in found
    ]
    assert sorted(missing) == []


def test_what_images_are_built_from_is_installed_whole_and_in_its_place():
    installed = shared()
    assert [place for place, file in installed.items() if place != file] == []
    contexts = {file.parent for file in installed if file.name == "Dockerfile"}
    assert Path("proxy") in contexts
    needed = {
        file.relative_to(ROOT)
        for context in contexts
        for file in (ROOT / context).rglob("*")
        if file.is_file() and file.suffix != ".pyc"
    }
    packages = (Path("proxy"), Path("proxy/edge"), Path("proxy/service"))
    modules = {file for file in needed if file.parent in packages and file.suffix == ".py"}
    assert needed - modules == {*installed}


def test_a_new_project_s_links_lead_to_files_of_the_checkout():
    links = [path for path in (ROOT / "webstack").rglob("*") if path.is_symlink()]
    assert len(links) > 8
    assert [path for path in links if not path.resolve().is_relative_to(ROOT)] == []
    assert [path for path in links if not path.exists()] == []
