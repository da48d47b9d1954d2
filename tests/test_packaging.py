"""The wheel holds every file that the tool needs: what is no module is named in pyproject.toml."""

from __future__ import annotations

import sys
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[1]
SETUPTOOLS: Any = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]


def packaged(package: str) -> set[Path]:
    """Files that the patterns of a package match, read as setuptools does."""
    folder = ROOT / package
    patterns = SETUPTOOLS["package-data"].get(package, [])
    return {file for pattern in patterns for file in folder.glob(pattern) if file.is_file()}


@pytest.mark.parametrize("package", ["webstack", "webstack_service", "infra", "proxy"])
def test_each_file_of_a_package_that_is_no_module_is_in_the_wheel(package: str):
    found = packaged(package)
    missing = [
        str(file.relative_to(ROOT))
        for file in (ROOT / package).rglob("*")
        if file.is_file()
        and file.suffix not in (".py", ".pyc")
        and not {".venv", "docs"} & set(file.parts)
        and file not in found
    ]
    assert sorted(missing) in ([], ["proxy/.dockerignore"])


def test_the_recipe_of_nginx_s_image_is_whole_where_it_is_installed():
    given = {
        f"proxy/{Path(target).relative_to('share/webstack/proxy') / Path(name).name}": name
        for target, patterns in SETUPTOOLS["data-files"].items()
        for pattern in patterns
        for name in (file.relative_to(ROOT).as_posix() for file in ROOT.glob(pattern))
    }
    needed = [
        "proxy/Dockerfile",
        "proxy/.dockerignore",
        *(
            file.relative_to(ROOT).as_posix()
            for file in (ROOT / "proxy/image").rglob("*")
            if file.is_file() and not fnmatch(file.name, "*.pyc")
        ),
    ]
    assert sorted(given.values()) == sorted(needed)
    assert all(Path(place) == Path(name) for place, name in given.items())


def test_a_new_project_s_links_lead_to_files_of_the_checkout():
    links = [path for path in (ROOT / "webstack").rglob("*") if path.is_symlink()]
    assert len(links) > 8
    assert [path for path in links if not path.resolve().is_relative_to(ROOT)] == []
    assert [path for path in links if not path.exists()] == []
