"""A project's folder ``infra`` forms one package with the tool's, wherever that is installed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from infra.service_images import image_source

ROOT = Path(__file__).parents[2]
OURS = '''
from infra.policies import policy


@policy(fix="do not")
def ours(resource):
    """Nothing of ours."""
    yield "is"
'''


def test_modules_and_policies_of_a_project_are_found_beside_the_tool_s(tmp_path: Path):
    (tmp_path / "infra/policies/rules").mkdir(parents=True)
    (tmp_path / "infra/policies/rules/ours.py").write_text(OURS)
    (tmp_path / "infra/own.py").write_text("VALUE = 3\n")
    (tmp_path / "infra/stack.py").write_text("raise SystemExit('hides what is installed')\n")
    script = (
        "import infra.own, infra.stack\n"
        "from infra.policies.checking import all_policies\n"
        "names = [each.name for each in all_policies()]\n"
        "print(infra.own.VALUE, 'ours' in names, 'published-port' in names)\n"
    )
    path = os.pathsep.join([str(ROOT), str(tmp_path)])
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path / "infra",
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("3 True True\n", "")


def test_nginx_is_built_from_the_project_s_folder_or_from_what_is_installed(tmp_path: Path):
    prefix = tmp_path / ".venv"
    assert image_source("proxy", tmp_path, prefix) == ".venv/share/webstack/proxy"
    (tmp_path / "link").symlink_to(prefix)
    assert image_source("proxy", tmp_path, tmp_path / "link") == ".venv/share/webstack/proxy"
    (tmp_path / "proxy").mkdir()
    assert image_source("proxy", tmp_path, prefix) == ".venv/share/webstack/proxy"
    (tmp_path / "proxy/Dockerfile").touch()
    assert image_source("proxy", tmp_path, prefix) == "proxy"


def test_the_images_of_servers_are_installed_with_all_that_they_are_built_of():
    """A new project has no folder of these images: each file has to be in the wheel."""
    listed = (ROOT / "pyproject.toml").read_text()
    for folder in ("infra/images/postgres", "infra/images/valkey"):
        for file in (ROOT / folder).rglob("*"):
            name = file.relative_to(ROOT).as_posix()
            pattern = f"{file.parent.relative_to(ROOT).as_posix()}/*"
            assert file.is_dir() or f'"{name}"' in listed or f'"{pattern}"' in listed, name
