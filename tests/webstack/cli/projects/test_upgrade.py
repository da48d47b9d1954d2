from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.webstack.cli.projects.wheels import make_wheel
from webstack.cli.main import main
from webstack.cli.projects import creation, upgrade
from webstack.cli.projects.services import started
from webstack.cli.projects.tool_wheel import ToolWheel
from webstack.cli.projects.tree import File
from webstack.cli.terminal.errors import OpsError
from webstack.cli.terminal.prompts import DECLINED

Environment = Callable[[str], None]


def git(root: Path, *words: str) -> str:
    named = ("-c", "user.name=a", "-c", "user.email=a@example.com")
    command = ["git", *named, *words]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout


def commit(root: Path) -> None:
    git(root, "add", "-A")
    git(root, "commit", "-qm", "all")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Write a committed project on version 1.0.0."""
    root = tmp_path / "shop"
    wheel = ToolWheel(make_wheel(tmp_path / "old"))
    services = [started({"app.py": File(b"")})]
    creation.write_project(root, creation.project_tree(wheel, "shop", services, proxy=False))
    commit(root)
    return root


@pytest.fixture
def newer(tmp_path: Path) -> Callable[..., ToolWheel]:
    def make(version: str = "1.1.0", **changed: str | None) -> ToolWheel:
        names = {name.replace("__", "."): text for name, text in changed.items()}
        return ToolWheel(make_wheel(tmp_path / "new", version, names))

    return make


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> Environment:
    """Replace the packages by an environment whose command is a script of the test."""
    script = ["exit 0"]

    class Made:
        def __init__(self, root: Path, dev: bool) -> None:
            self.root = root

        def make(self, _: object) -> None:
            command = self.root / ".venv/bin/webstack"
            command.parent.mkdir(parents=True)
            command.write_text(f"#!/bin/sh\n{script[0]}\n")
            command.chmod(0o755)

    monkeypatch.setattr(upgrade, "Virtualenv", Made)

    def become(text: str) -> None:
        script[0] = text

    return become


def wishes(stack: str | None = "dev", *, agreed: bool = True) -> upgrade.Wishes:
    return upgrade.Wishes(stack, lambda: agreed)


def test_an_upgrade_joins_the_newer_version_with_what_its_owner_changed(
    project: Path, newer: Callable[..., ToolWheel], capfd: pytest.CaptureFixture[str]
):
    (project / "Makefile").write_text((project / "Makefile").read_text() + "\nown:\n\ttrue\n")
    commit(project)
    before = (project / "Makefile").read_text()
    changed = before.replace("# Everything here is thin", "# All here is thin").removesuffix(
        "\nown:\n\ttrue\n"
    )
    settings = (project / "Pulumi.dev.yaml").read_text()
    wheel = newer(Makefile=changed, new__yaml="added: true\n", dev__passphrase=None)
    assert upgrade.upgraded(project, wheel, wishes()) == 0
    assert (project / "Makefile").read_text() == before.replace("Everything here is", "All here is")
    assert (project / "Pulumi.dev.yaml").read_text() == settings
    assert git(project, "status", "--porcelain", "-uall").splitlines() == [
        " M Makefile",
        " D dev.passphrase",
        " D wheels/webstack-1.0.0-py3-none-any.whl",
        "?? new.yaml",
        "?? wheels/webstack-1.1.0-py3-none-any.whl",
    ]
    said = capfd.readouterr().out
    assert "Makefile                                merged with your changes" in said
    assert "-# Everything here is thin" in said
    assert "+# All here is thin" in said
    assert "The project is on webstack 1.1.0, from 1.0.0." in said


def test_the_newer_version_says_what_will_roll_in_the_upgraded_project(
    project: Path, newer: Callable[..., ToolWheel], environment: Environment,
    capfd: pytest.CaptureFixture[str],
):  # fmt: skip
    environment('echo "$@ sees $(ls wheels)"')
    assert upgrade.upgraded(project, newer(), wishes("staging")) == 0
    assert "preview staging sees webstack-1.1.0-py3-none-any.whl" in capfd.readouterr().out


def test_a_conflict_is_marked_told_and_previewed_by_nobody(
    project: Path, newer: Callable[..., ToolWheel], environment: Environment,
    capfd: pytest.CaptureFixture[str],
):  # fmt: skip
    environment("exit 9")
    (project / ".gitignore").write_text("/mine/\n")
    commit(project)
    wheel = newer(__gitignore="/theirs/\n")
    assert upgrade.upgraded(project, wheel, wishes()) == 1
    assert ">>>>>>> webstack 1.1.0" in (project / ".gitignore").read_text()
    said = capfd.readouterr().out
    assert "Decide what is to stand between the marks <<<<<<< and >>>>>>> in .gitignore." in said


def unchanged(root: Path) -> bool:
    """Tell whether the project is as committed, with the wheel and environment of before."""
    committed = git(root, "status", "--porcelain", "-uall") == ""
    left = [root / ".webstack/upgrade", root / ".venv"]
    return committed and not any(path.exists() for path in left)


def test_a_new_version_that_cannot_preview_leaves_the_project_as_it_was(
    project: Path, newer: Callable[..., ToolWheel], environment: Environment
):
    environment("exit 3")
    with pytest.raises(OpsError, match=r"cannot preview dev \(exit code 3\), so the project is"):
        upgrade.upgraded(project, newer(Makefile="all:\n"), wishes())
    assert unchanged(project)
    assert upgrade.upgraded(project, newer(), wishes(None)) == 0


def test_declining_leaves_the_project_as_it_was(project: Path, newer: Callable[..., ToolWheel]):
    assert upgrade.upgraded(project, newer(), wishes(agreed=False)) == DECLINED
    assert unchanged(project)


@pytest.mark.parametrize("change", ["edited", "new"])
def test_a_dirty_checkout_is_left_alone(
    project: Path, newer: Callable[..., ToolWheel], change: str
):
    (project / ("Makefile" if change == "edited" else "new")).write_text("all:\n")
    with pytest.raises(OpsError, match=r"1 files of the project are not as committed, such as "):
        upgrade.upgraded(project, newer(), wishes())
    assert (project / "wheels/webstack-1.0.0-py3-none-any.whl").is_file()


def test_a_project_without_git_is_refused(
    tmp_path: Path, project: Path, newer: Callable[..., ToolWheel]
):
    (project / ".git").rename(tmp_path / "elsewhere")
    with pytest.raises(OpsError, match="is no git checkout"):
        upgrade.upgraded(project, newer(), wishes())


def test_a_renamed_project_keeps_its_name_without_a_conflict(
    project: Path, newer: Callable[..., ToolWheel]
):
    file = project / "Pulumi.yaml"
    file.write_text(file.read_text().replace("name: shop", 'name: "store" # ours', 1))
    commit(project)
    base = (Path(upgrade.__file__).parents[2] / "template/Pulumi.yaml").read_text()
    wheel = newer(Pulumi__yaml=base.replace("virtualenv: .venv", "virtualenv: .venv # new"))
    assert upgrade.upgraded(project, wheel, wishes()) in (0, 1)
    assert 'name: "store" # ours' in file.read_text()
    assert "virtualenv: .venv # new" in file.read_text()


def test_mistakes_are_told_in_one_line(
    tmp_path: Path, project: Path, capsys: pytest.CaptureFixture[str],
    newer: Callable[..., ToolWheel],
):  # fmt: skip
    older = newer("0.9.0").path
    said = {
        ("--cwd", str(tmp_path)): "no Pulumi.yaml in",
        ("--cwd", str(Path(upgrade.__file__).parents[3])): "is a clone of webstack itself",
        ("--cwd", str(project)): "which version?; say it: webstack upgrade --to",
        ("--cwd", str(project), "--to", "9.9.9"): "there is no webstack 9.9.9 in",
        ("--cwd", str(project), "--to", "nowhere.whl"): "nowhere.whl is no wheel of webstack",
        ("--cwd", str(project), "--to", str(older)): "1.0.0, and 0.9.0 is older; to go back",
        ("--cwd", str(project), "--to", str(newer("1.0.0").path)): "1.0.0 already",
    }
    for words, text in said.items():
        assert main(["upgrade", *words]) == 1
        error = capsys.readouterr().err
        assert text in error
        assert error.count("\n") == 1


def test_a_version_is_found_in_the_wheelhouse(project: Path):
    wheel = make_wheel(project / "wheelhouse", "1.5.0")
    assert upgrade.find_wheel(project, "1.5.0") == ToolWheel(wheel)


def test_the_newer_version_itself_does_the_upgrade(
    project: Path, newer: Callable[..., ToolWheel], monkeypatch: pytest.MonkeyPatch
):
    started_as = []
    monkeypatch.setattr(os, "execve", lambda *words: started_as.append(words))
    monkeypatch.chdir(Path.home())
    wheel = newer()
    upgrade.hand_over(project, wheel, ["--yes"])
    [(python, command, environ)] = started_as
    assert command == [
        python, "-m", "webstack.cli", "upgrade", "--to", str(wheel.path), "--yes"
    ]  # fmt: skip
    assert environ["PYTHONPATH"] == str(wheel.path)
    assert Path.cwd() == project
    monkeypatch.setattr(upgrade, "running_wheel", lambda: wheel.path)
    upgrade.hand_over(project, wheel, ["--yes"])
    assert len(started_as) == 1
