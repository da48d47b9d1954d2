"""The first hour works as it is written: its commands run in order, with the output shown."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.deployment import Deployment, copied

PAGE = (Path(__file__).parents[2] / "docs/tutorial.md").read_text()
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
FILES = {"python", "dockerfile"}


def steps() -> Iterator[tuple[str, str]]:
    """Give the files of the page by name with their text, and its commands with their output."""
    for language, text in BLOCKS:
        if language in FILES:
            name, _, content = text.partition("\n")
            yield name, content
        else:
            for step in re.split(r"^(?=\$ )", text, flags=re.MULTILINE)[1:]:
                command, _, shown = step.partition("\n")
                yield command, shown


def fits(shown: str, output: str) -> bool:
    """Tell whether an output is as shown; ``…`` stands for anything, in a line or for lines."""
    lines = [
        r"(.*\n)*?" if line == "…" else re.sub(r"(\\ )*…(\\ )*", ".*", re.escape(line)) + "\n"
        for line in shown.splitlines()
    ]
    return re.fullmatch("".join(lines), output) is not None


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Deployment]:
    """Give a copy of the whole checkout that nothing was deployed from."""
    with copied(tmp_path / "project", samples=True) as deployment:
        yield deployment


@pytest.fixture
def environment(project: Deployment) -> dict[str, str]:
    """Prepare the copy as `make up` would leave it, with the packages that the tests have."""
    bin_ = project.root / ".venv/bin"
    bin_.mkdir(parents=True)
    (bin_ / "python").symlink_to(sys.executable)
    (bin_ / "webstack").write_text(f'#!/bin/sh\nexec {sys.executable} -m webstack.cli "$@"\n')
    (bin_ / "webstack").chmod(0o755)
    (project.root / ".venv/webstack.json").touch()
    return {**os.environ, "PYTHONPATH": str(project.root), "WEBSTACK_ENGINE": "embedded"}


@pytest.mark.docker
@pytest.mark.skipif(not shutil.which("curl"), reason="the tutorial looks at answers with curl")
def test_the_first_hour(project: Deployment, environment: dict[str, str]):
    for step, text in steps():
        if step.startswith("# "):
            file = project.root / step[2:]
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
            continue
        command = step[2:].replace(":8080", f":{project.port}")
        done = subprocess.run(
            ["sh", "-c", command], cwd=project.root, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        assert fits(text, done.stdout), f"{command}\n{done.stdout}"


def test_the_page_has_commands_and_files():
    named = [step for step, _ in steps()]
    assert "$ make up" in named
    assert "# services/hello/hello.py" in named
    assert len(named) > 20


@pytest.mark.parametrize(
    ("shown", "output", "as_shown"),
    [
        ("200\n", "200\n", True),
        ("200\n", "500\n", False),
        ("a … b\n", "a 1 b\n", True),
        ("a … b\n", "a 1\n", False),
        ("…\nend\n", "1\n2\nend\n", True),
        ("…\nend\n", "1\n2\nend\n3\n", False),
        ("", "", True),
        ("", "something\n", False),
    ],
)
def test_output_is_compared_with_what_is_shown(shown: str, output: str, as_shown: bool):
    assert fits(shown, output) is as_shown
