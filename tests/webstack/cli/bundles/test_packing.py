"""A bundle has what a commit of the project would have, with the images and the wheels."""

from __future__ import annotations

import io
import subprocess
import tarfile
from pathlib import Path

import pytest

from tests.webstack.cli.bundles.archives import saved
from tests.webstack.cli.bundles.test_manifest import MANIFEST
from webstack.cli.bundles.packing import project_files, replaced, write
from webstack.cli.terminal.errors import OpsError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "shop"
    (root / "wheelhouse").mkdir(parents=True)
    for name in ("Pulumi.yaml", "new.py", "secret.env", "wheelhouse/x.whl", "out.bundle"):
        (root / name).write_text(name)
    (root / ".gitignore").write_text("*.env\n")
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    subprocess.run(["git", "add", "Pulumi.yaml", ".gitignore"], cwd=root, check=True)
    return root


def test_the_files_are_those_of_a_commit_now(root: Path):
    found = project_files(root, [root / "out.bundle"])
    assert found == [".gitignore", "Pulumi.yaml", "new.py"]


def test_a_file_that_was_removed_is_none_of_them(root: Path):
    (root / "Pulumi.yaml").unlink()
    assert project_files(root, [root / "out.bundle"]) == [".gitignore", "new.py"]


def test_without_git_nobody_knows_what_belongs_to_it(tmp_path: Path):
    with pytest.raises(OpsError, match="is in no git repository"):
        project_files(tmp_path)


def test_the_images_come_before_the_project_which_belongs_to_root(root: Path):
    target = io.BytesIO()
    write(target, MANIFEST, io.BytesIO(saved()), {"Pulumi.yaml": root / "Pulumi.yaml"})
    target.seek(0)
    with tarfile.open(fileobj=target) as archive:
        names = archive.getnames()
        assert names == ["manifest.json", "images.tar", "project/Pulumi.yaml"]
        member = archive.getmember("project/Pulumi.yaml")
        assert (member.uid, member.uname) == (0, "")
        content = archive.extractfile("images.tar")
        assert content is not None
        assert content.read() == saved()


def test_a_file_is_replaced_once_the_new_one_is_whole(tmp_path: Path):
    file = tmp_path / "shop.bundle"
    file.write_text("old")

    def fail() -> None:
        with replaced(file) as half:
            half.write(b"half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert [each.name for each in tmp_path.iterdir()] == ["shop.bundle"]
    assert file.read_text() == "old"
    with replaced(file) as whole:
        whole.write(b"new")
    assert file.read_text() == "new"
    with pytest.raises(OpsError, match="cannot be written"), replaced(tmp_path / "no/x"):
        pass
