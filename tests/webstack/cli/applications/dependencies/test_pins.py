"""Pins without a file for the base image's Python are raised, by the files of an index."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pytest

from tests.webstack.cli.applications.trees import FLASK, tree, words
from webstack.cli.applications.dependencies.pins import (
    Later,
    Pin,
    later,
    locked,
    pinned,
    unknown,
    wheels,
)
from webstack.cli.applications.findings import Application
from webstack.cli.applications.recognise import recognise

LINUX = "manylinux_2_17_x86_64.manylinux2014_x86_64"


def built(name: str, *versions: str, platform: str = LINUX) -> list[str]:
    """Give the names of wheels of versions, each written as ``2.0.1 cp312 cp313``."""
    files = []
    for version, *pythons in (each.split() for each in versions):
        for python in pythons:
            tags = "py3-none-any" if python == "py3" else f"{python}-{python}-{platform}"
            files.append(f"{name}-{version}-{tags}.whl")
        files.append(f"{name}-{version}.tar.gz")
    return files


@pytest.mark.parametrize(
    ("version", "files", "found"),
    [
        (
            "6.0.4",
            built("a", "6.0.4 cp311 cp312", "6.1.0 cp312 cp313", "6.2.0 cp313", "7.0 cp313"),
            Later("6.0.4", "6.1.0", same=True),
        ),
        ("6.1.0", built("a", "6.1.0 cp312 cp313", "6.2.0 cp313"), None),
        # A pure wheel beside those for certain Pythons was tried with those alone.
        (
            "2.0.23",
            built("a", "2.0.23 cp312 py3", "2.0.30 py3", "2.0.36 cp313 py3"),
            Later("2.0.23", "2.0.36", same=True),
        ),
        ("1.0", built("a", "1.0 py3", "1.1 py3"), None),
        ("1.0", built("a", "1.0", "1.1 cp313"), None),
        ("2.1.3", built("a", "2.1.3 cp312", "3.0.0 cp313"), Later("2.1.3", "3.0.0", same=False)),
        ("2.9", built("a", "2.9 cp312", "2.10rc1 cp313", "2.11 cp313"), Later("2.9", "2.11", True)),
        ("2.9", built("a", "2.9 cp312", "2.10 cp312"), None),
        ("1.0", ["a-1.0-cp37-abi3-manylinux_2_28_x86_64.whl", "a-1.1-cp313-cp313-any.whl"], None),
        ("1.0", [*built("a", "1.0 cp312"), "a-1.1-cp313-cp313t-manylinux_2_17_x86_64.whl"], None),
        (
            "2.9.9",
            [
                *built("a", "2.8 cp36"),
                *built("a", "2.9.9 cp312", "2.9.10 cp313", platform="win_amd64"),
            ],
            Later("2.9.9", "2.9.10", same=True),
        ),
        (
            "2.0",
            [
                *built("a", "2.0 cp312"),
                *built("a", "2.1 cp313", platform="win_amd64"),
                *built("a", "2.2 cp313"),
            ],
            Later("2.0", "2.2", same=True),
        ),
    ],
)
def test_the_first_later_version_that_is_for_this_python(
    version: str, files: Sequence[str], found: Later | None
):
    """The right version has a wheel for 3.13, and the same major version if there is one."""
    assert later({"a": Pin(version)}, {"a": files}) == ({"a": found} if found else {})


def test_what_insists_on_a_version():
    said = {"a": "==1.0", "b": ">=1", "c": "==2.*", "d": "== 2.0.1.", "e": "==1.0 \\", "f": ""}
    assert pinned(said) == {"a": Pin("1.0"), "d": Pin("2.0.1"), "e": Pin("1.0")}


def test_a_lock_that_names_a_wheel_that_fits_needs_no_index():
    uv = """
[[package]]
name = "A_b"
version = "1.0"
wheels = [{ url = "https://example.com/x/a_b-1.0-cp313-cp313-manylinux_2_17_x86_64.whl" }]
[[package]]
name = "c"
version = "2.0"
wheels = [{ url = "https://example.com/x/c-2.0-cp312-cp312-manylinux_2_17_x86_64.whl" }]
[[package]]
name = "own"
"""
    poetry = """
[[package]]
name = "d"
version = "3.0"
files = [{file = "d-3.0-py3-none-any.whl", hash = "x"}, {file = "d-3.0.tar.gz", hash = "y"}]
"""
    pipenv = json.dumps({"default": {"e": {"version": "==4.0"}, "f": {"git": "x"}, "g": 1}})
    files = tree({"uv.lock": uv, "poetry.lock": poetry, "Pipfile.lock": pipenv, "bad/uv.lock": "["})
    assert {name: pin.version for name, pin in locked(files, "uv.lock").items()} == {
        "a-b": "1.0",
        "c": "2.0",
    }
    assert unknown(locked(files, "uv.lock")) == ["c"]
    assert unknown(locked(files, "poetry.lock")) == []
    assert locked(files, "Pipfile.lock") == {"e": Pin("4.0")}
    assert locked(files, "bad/uv.lock") == {}


def test_what_is_no_wheel_says_nothing():
    assert wheels(["a-1.0.tar.gz", "a.whl", "", "a-1.0-py3-none-any.whl.metadata"]) == []


INDEX = {
    "psycopg2-binary": built("psycopg2_binary", "2.9.9 cp312", "2.9.10 cp313"),
    "multidict": built("multidict", "6.0.4 cp312", "6.1.0 cp313"),
    "markupsafe": built("markupsafe", "2.1.3 cp312", "3.0.0 cp313"),
    "pyyaml": built("pyyaml", "6.0.2 cp313"),
}
PINS = """\
Psycopg2_Binary[pool]==2.9.9 ; sys_platform == "linux"
PyYAML==6.0.2
lxml>=4
multidict == 6.0.4
multidict-extra==6.0.4
"""


def look_up(names: Iterable[str]) -> Mapping[str, Sequence[str]]:
    """Give an index of few packages."""
    return {name: INDEX.get(name, []) for name in names}


def found(requirements: str, **more: str) -> Application:
    """Describe an application of these requirements; more files come by ``base_txt=text``."""
    others = {name.replace("_", "."): text for name, text in more.items()}
    files = {**FLASK, "requirements.txt": requirements, **others}
    return recognise(tree(files), look_up=look_up)


def test_a_pin_that_this_python_does_not_take_is_raised_in_the_image_and_told(tmp_path: Path):
    application = found(PINS)
    line = next(
        each for each in application.files["Dockerfile"].splitlines() if each.startswith("RUN sed")
    )
    (tmp_path / "requirements.txt").write_text(PINS)
    changed = line.removeprefix("RUN ").replace("/app/", f"{tmp_path}/")
    subprocess.run(["sh", "-c", changed], check=True)
    assert (tmp_path / "requirements.txt").read_text() == (
        'psycopg2-binary[pool]>=2.9.10,<2.10 ; sys_platform == "linux"\n'
        "PyYAML==6.0.2\nlxml>=4\nmultidict>=6.1.0,<7\nmultidict-extra==6.0.4\n"
    )
    said = words(application)
    assert (
        "psycopg2-binary 2.9.9 has no wheel for Python 3.13: the image takes 2.9.10 on "
        "(requirements.txt)" in said
    )
    assert "pyyaml" not in said


def test_a_pin_in_a_file_that_is_named_is_raised_there():
    text = found("-r ./base.txt\nflask\n", base_txt="multidict==6.0.4\n").files["Dockerfile"]
    line = next(each for each in text.splitlines() if each.startswith("RUN sed"))
    assert line.endswith(" /app/requirements.txt /app/base.txt")
    assert "COPY requirements.txt /app/\nCOPY base.txt /app/\n" in text


def test_files_in_folders_that_requirements_name_are_there_when_they_are_installed():
    files = {
        **FLASK,
        "requirements.txt": "-r requirements/prod.txt\n",
        "requirements/prod.txt": "-r base.txt\n-c../pins/all.txt\n",
        "requirements/base.txt": "flask\n",
        "pins/all.txt": "flask==3.1\n",
    }
    text = recognise(tree(files)).files["Dockerfile"]
    copied = [each for each in text.splitlines() if each.startswith("COPY ")][:3]
    assert copied == [
        "COPY requirements.txt /app/",
        "COPY requirements /app/requirements/",
        "COPY pins /app/pins/",
    ]


def test_what_has_to_be_compiled_gets_a_compiler_and_is_told():
    application = found("markupsafe==2.1.3\n")
    text = application.files["Dockerfile"]
    assert "RUN sed" not in text
    assert text.index("gcc python3-dev") < text.index("pip install")
    assert (
        "markupsafe 2.1.3 has no wheel for Python 3.13 and is compiled; if that fails, ask for "
        "3.0.0 on (requirements.txt)" in words(application)
    )


def test_a_wheel_of_psycopg2_needs_no_compiler():
    text = found("psycopg2-binary==2.9.10\n").files["Dockerfile"]
    assert "libpq" not in text


def test_pins_with_hashes_stay():
    application = found("multidict==6.0.4 --hash=sha256:0\n")
    assert "RUN sed" not in application.files["Dockerfile"]


def test_a_gunicorn_that_hears_nothing_of_a_path_is_raised():
    text = found("flask\ngunicorn==22.0.0\n").files["Dockerfile"]
    assert "*== *[^ ;#]*/gunicorn\\1>=23.0.0/I'" in text
    assert "RUN sed" not in found("flask\ngunicorn==23.0.0\n").files["Dockerfile"]


def test_a_pure_package_that_this_python_cannot_import_is_raised():
    application = found("typing_extensions==4.8.0\n")
    assert "typing-extensions\\1>=4.12.0,<5/I'" in application.files["Dockerfile"]
    assert "typing-extensions 4.8.0 cannot be imported by Python 3.13: " in words(application)


def test_an_index_that_does_not_answer_is_told():
    def silent(names: Iterable[str]) -> Mapping[str, Sequence[str]]:
        raise OSError(*names)

    application = recognise(tree({**FLASK, "requirements.txt": PINS}), look_up=silent)
    assert "the package index does not answer" in words(application)
    assert "RUN sed" not in application.files["Dockerfile"]
