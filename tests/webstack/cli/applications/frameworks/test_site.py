"""A site of files alone is served as it is, and nothing else is taken for one."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.webstack.cli.applications.trees import FLASK, found, settings
from webstack.cli.applications.frameworks.site import recognise
from webstack.cli.applications.tree import SourceTree
from webstack.cli.terminal.errors import OpsError


def test_pages_alone_need_nothing_by_hand():
    application = found({"index.html": "", "styles/a.css": "", "README.md": ""})
    assert settings(application) == {"app": "webstack_site:application", "health": "/"}
    assert application.unsolved == ()
    assert "pip install gunicorn whitenoise" in application.files["Dockerfile"]
    assert "allow_all_origins=False" in application.files["webstack_site.py"]
    compile(application.files["webstack_site.py"], "webstack_site.py", "exec")


@pytest.mark.parametrize("folder", ["public", "dist", "_site"])
def test_pages_that_lie_apart_are_found(folder: str):
    assert settings(found({f"{folder}/index.html": ""}))["health"] == "/"


@pytest.mark.parametrize(
    "files",
    [
        {"index.html": "", "go.mod": ""},
        {"index.html": "", "index.php": ""},
        {"public/index.html": "", "server.py": "print()\n"},
    ],
)
def test_the_pages_of_another_program_are_no_site(files: dict[str, str]):
    with pytest.raises(OpsError, match="no Flask or Django application"):
        found(files)


def test_an_application_with_a_page_stays_what_it_is():
    assert settings(found({**FLASK, "index.html": ""}))["app"] == "app:app"
    own = found({"index.html": "", "Dockerfile": "FROM nginx\nEXPOSE 80\n"})
    assert settings(own)["port"] == 80


def test_what_was_built_is_copied_and_nothing_hidden(tmp_path: Path):
    for name in ("index.html", "dist/index.html", "dist/.env", "dist/.well-known/a", "dist/b/c.js"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    framework = recognise(SourceTree(frozenset({"index.html"})))
    assert framework
    target = tmp_path / "copied"
    target.mkdir()
    command = re.sub("/srv/static", str(target), framework.prepare[0])
    subprocess.run(["sh", "-ec", command], cwd=tmp_path, check=True)
    names = {p.relative_to(target).as_posix() for p in target.rglob("*") if p.is_file()}
    assert names == {"index.html", ".well-known/a", "b/c.js"}
    assert (target / "index.html").read_text() == "dist/index.html"
