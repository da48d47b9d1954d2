"""Two checkouts with the same project and stack, but states of their own, share one daemon."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.deployment import Deployment, remove
from tests.docker.test_changes import WITH_DATA

pytestmark = pytest.mark.docker
NOTES = """
import pathlib
def app(environ, start_response):
    file = pathlib.Path("/data/note")
    if environ["REQUEST_METHOD"] == "POST":
        file.write_text("kept")
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [file.read_bytes() if file.exists() else b"nothing"]
"""


@pytest.fixture
def first(project: Deployment) -> Deployment:
    """Bring up a stack with one small service that keeps a note."""
    folder = project.root / "services" / "notes"
    folder.mkdir()
    (folder / "app.py").write_text(NOTES)
    (folder / "Dockerfile").write_text(WITH_DATA)

    def alone(config: dict[str, Any]) -> None:
        service = {"source": "services/notes", "path": "/", "data": "/data", "health": "/"}
        config["webstack:services"] = {"notes": service}

    project.change_settings(alone)
    return project


@pytest.fixture
def second(first: Deployment, tmp_path: Path) -> Iterator[Deployment]:
    """Copy the same checkout to another folder, where nothing was deployed from."""
    root = tmp_path / "second"
    shutil.copytree(first.root, root, ignore=shutil.ignore_patterns(".state"))
    deployment = dataclasses.replace(first, root=root)
    yield deployment
    remove(deployment)


def test_two_checkouts_do_each_other_no_harm(first: Deployment, second: Deployment):
    volume = f"{first.project}-dev-notes-data"
    first.up()
    assert first.request("POST", "/").text == "kept"
    before = first.objects()

    refused = second.webstack("up", "--yes", check=False)
    assert refused.returncode == 1
    assert "of another state of dev" in refused.stdout + refused.stderr
    assert "--adopt" in refused.stdout + refused.stderr
    refused = second.webstack("prune", "--yes", check=False)
    assert refused.returncode == 1
    assert "no state here knows" in refused.stderr
    second.webstack("destroy", "--yes", "--allow-data-loss", check=False)
    assert first.objects() == before
    assert first.get("/").text == "kept"
    first.webstack("preview", "--expect-no-changes")

    second.webstack("up", "--yes", "--adopt")
    assert second.get("/").text == "kept"
    refused = first.webstack("up", "--yes", check=False)
    assert refused.returncode == 1
    assert "of another state of dev" in refused.stdout + refused.stderr
    assert second.get("/").text == "kept"

    second.webstack("down", "--yes")
    assert "stays: it is not this state's" in first.webstack("down", "--yes", "--data").stderr
    assert volume in second.objects()
    second.up()
    assert second.get("/").text == "kept"
    second.webstack("down", "--yes", "--data")
    assert f"{volume}.adopted" not in second.docker("volume", "ls", "--format", "{{.Name}}")
    assert second.objects() == set()
