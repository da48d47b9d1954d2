from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from tests.webstack.cli.projects.wheels import make_wheel
from webstack.cli.projects.tool_wheel import ToolWheel
from webstack.cli.projects.tree import File
from webstack.cli.terminal.errors import OpsError


def test_a_project_has_what_its_owner_changes_and_the_tool_as_one_file(tmp_path: Path):
    wheel = make_wheel(tmp_path, "1.2.3")
    tree = ToolWheel(wheel).project("shop", proxy=False)
    assert tree["Pulumi.yaml"].content.startswith(b"name: shop\n")
    assert tree["README.md"].content.startswith(b"# shop\n")
    assert tree["wheels/webstack-1.2.3-py3-none-any.whl"].content == wheel.read_bytes()
    assert tree["infra/.venv"] == File(b"../.venv", link=True)
    assert tree[".ci/report-drift"].executable
    assert not tree["Makefile"].executable
    assert len(tree) < 25
    assert not [name for name in tree if name.startswith(("services/", "proxy/", "webstack/"))]
    assert not [
        name
        for name, file in tree.items()
        if b"@NAME@" in file.content and not name.endswith(".whl")
    ]
    # One there would hide the tool's own modules.
    assert "infra/__init__.py" not in tree


def test_a_project_gets_the_recipe_of_nginx_only_where_that_is_wanted(tmp_path: Path):
    wheel = ToolWheel(make_wheel(tmp_path))
    tree = wheel.project("shop", proxy=True)
    others = tree.keys() - wheel.project("shop", proxy=False).keys()
    assert {name.partition("/")[0] for name in others} == {"proxy"}
    assert {"proxy/Dockerfile", "proxy/.dockerignore", "proxy/image/nginx.conf"} <= tree.keys()
    assert tree["proxy/image/commands/webstack-probe.py"].executable


def test_the_version_is_that_of_the_wheel_itself(tmp_path: Path):
    renamed = make_wheel(tmp_path, "1.2.3").rename(tmp_path / "webstack-9.9.9-py3-none-any.whl")
    assert ToolWheel(renamed).version == "1.2.3"


@pytest.mark.parametrize("kind", ["missing", "text", "another package"])
def test_what_is_no_wheel_of_the_tool_is_told_in_one_line(tmp_path: Path, kind: str):
    path = tmp_path / "webstack-1.0.0-py3-none-any.whl"
    if kind == "text":
        path.write_text("not a zip")
    if kind == "another package":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("webstack/__init__.py", "")
    with pytest.raises(OpsError, match="is no wheel of webstack from which a project can be made"):
        ToolWheel(path)
