from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from infra.settings.reading import read
from tests.webstack.cli.projects.wheels import make_wheel
from webstack.cli.projects import creation
from webstack.cli.projects.services import Service, started
from webstack.cli.projects.tool_wheel import SETTINGS, ToolWheel
from webstack.cli.projects.tree import File
from webstack.cli.terminal.errors import OpsError
from webstack.contract import yaml_settings


@pytest.mark.parametrize("name", ["shop", "my-shop2"])
def test_the_name_is_that_of_the_folder_unless_one_is_given(tmp_path: Path, name: str):
    assert creation.project_name(tmp_path / name, None) == name
    assert creation.project_name(tmp_path, name) == name


@pytest.mark.parametrize("name", ["", "Shop", "2shop", "my_shop", "-x", "a/b", "x" * 41, "a\nb"])
def test_what_is_no_name_is_told_with_the_way_out(tmp_path: Path, name: str):
    with pytest.raises(OpsError, match=r"is no name for a project: .*; give one with --name"):
        creation.project_name(tmp_path, name)


def test_a_place_is_missing_or_empty(tmp_path: Path):
    creation.check_place(tmp_path / "new")
    creation.check_place(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(OpsError, match="exists and is not empty; name a folder that is to be made"):
        creation.check_place(tmp_path)
    with pytest.raises(OpsError, match="exists and is no folder; name another"):
        creation.check_place(tmp_path / "file")


def test_the_settings_of_all_environments_can_be_read_and_route_each_service(tmp_path: Path):
    shop = Service("shop", {"app.py": File(b"")})
    services = [started({"app.py": File(b"")}), shop]
    tree = creation.project_tree(ToolWheel(make_wheel(tmp_path)), "p", services, proxy=False)
    creation.write_project(tmp_path / "p", tree)
    for file in SETTINGS:
        settings = read(
            {
                key: value if isinstance(value, str) else yaml_settings.as_text(value)
                for key, value in yaml_settings.read(tmp_path / "p" / file)["config"].items()
            },
            set(),
        )
        assert {name: each.path for name, each in settings.services.items()} == {
            "web": "/",
            "shop": "/shop",
        }
        replicas = {each.replicas for each in settings.services.values()}
        assert replicas == {1 if file == "Pulumi.dev.yaml" else 2}


def test_two_services_of_one_name_are_refused(tmp_path: Path):
    twice = [started({"app.py": File(b"")})] * 2
    with pytest.raises(OpsError, match="two services are named web; rename the folder of one"):
        creation.project_tree(ToolWheel(make_wheel(tmp_path)), "p", twice, proxy=False)


def test_a_project_is_a_repository_with_everything_in_it(tmp_path: Path):
    place = tmp_path / "deep" / "p"
    tree = creation.project_tree(
        ToolWheel(make_wheel(tmp_path)), "p", [started({"app.py": File(b"")})], proxy=False
    )
    creation.write_project(place, tree)
    command = ["git", "ls-files", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=place, capture_output=True, text=True, check=True)
    assert set(listed.stdout.split()) == tree.keys()
    assert os.access(place / ".ci/report-drift", os.X_OK)
    assert (place / "infra/.venv").readlink() == Path("../.venv")
    assert [path.name for path in place.parent.iterdir()] == ["p"]


def test_a_project_within_a_repository_gets_none_of_its_own(tmp_path: Path):
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    creation.write_project(tmp_path / "p", {"Pulumi.yaml": File(b"")})
    assert not (tmp_path / "p/.git").exists()


def test_what_fails_half_way_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def fail(_: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(creation, "_begin_repository", fail)
    with pytest.raises(OpsError, match=r"cannot make .*: No space left on device"):
        creation.write_project(tmp_path / "p", {"Pulumi.yaml": File(b"")})
    assert list(tmp_path.iterdir()) == []
