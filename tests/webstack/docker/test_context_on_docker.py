"""Our archive puts the same files into an image as Docker's own client does."""

from __future__ import annotations

import os
import subprocess
import tarfile
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from webstack.docker.build_context import Sending
from webstack.docker.context_archive import write_archive

pytestmark = pytest.mark.docker

FILES = [
    "a.py", "b.txt", "d/a.py", "d/b.txt", "d/e/a.py", "d/e/f/b.txt", "p/x/src/v.py", "p/y/v.py",
]  # fmt: skip
LISTS = {
    "nothing": "",
    "all but": "*\n!a.py\n!p/x",
    "a wildcard in an exception": "*\n!a.py\n!p/*/src",
    "all but, at any depth": "*\n!**/*.py",
    "all but, at one depth": "*/*\n!*/*/*.py",
    "not these letters": "[^ap]*",
    "a mark in brackets": "[!a]*",
    "outside": "../a.py\nd",
    "the last line decides": "d\n!d/e\n**/f",
    "a prefix": "p**\nd/**",
    "rooted and untidy": "/d//e/\n  ./b.txt  \r",
    "a file of the build": "*\n!a.py\nDockerfile\n.dockerignore",
}


@pytest.fixture(scope="module")
def api() -> Iterator[docker.APIClient]:
    with docker.from_env().api as client:
        yield client


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in FILES:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    (tmp_path / "a.py").chmod(0o640)
    (tmp_path / "d").chmod(0o700)
    (tmp_path / "Dockerfile").write_text('FROM scratch\nCOPY . /srv/\nCMD ["/srv"]\n')
    return tmp_path


def files_of(api: docker.APIClient, image: str) -> dict[str, int]:
    """Give files and folders below /srv, with their modes."""
    container = api.create_container(image)["Id"]
    try:
        stream, _ = api.get_archive(container, "/srv")
        with tempfile.TemporaryFile() as packed:
            for chunk in stream:
                packed.write(chunk)
            packed.seek(0)
            with tarfile.open(fileobj=packed) as tar:
                return {
                    entry.name.partition("/")[2]: entry.mode & 0o7777
                    for entry in tar
                    if "/" in entry.name
                }
    finally:
        api.remove_container(container)


def with_our_archive(api: docker.APIClient, folder: Path, image: str) -> None:
    packed, name = write_archive(Sending.of(folder, folder / "Dockerfile"))
    with packed:
        events = list(
            api.build(fileobj=packed, custom_context=True, dockerfile=name, tag=image, decode=True)
        )
    assert [event for event in events if "error" in event] == []


def with_the_client(folder: Path, image: str) -> None:
    command = ["docker", "build", "-q", "-t", image, str(folder)]
    subprocess.run(
        command, env={**os.environ, "DOCKER_BUILDKIT": "0"}, check=True, capture_output=True
    )


@pytest.mark.parametrize("text", LISTS.values(), ids=LISTS.keys())
def test_an_image_holds_what_docker_s_own_client_would_send(
    api: docker.APIClient, folder: Path, text: str
):
    """Docker's client is the older one here; files that it does not find are marked as such."""
    (folder / ".dockerignore").write_text(text)
    images = [f"wsprov-context:{uuid.uuid4().hex[:8]}" for _ in range(2)]
    with_our_archive(api, folder, images[0])
    with_the_client(folder, images[1])
    try:
        ours, theirs = (files_of(api, image) for image in images)
    finally:
        for image in images:
            api.remove_image(image, force=True)
    entries = list(Sending.of(folder, folder / "Dockerfile").entries())
    unseen = {entry.name for entry in entries if not entry.sent_by_all}
    above = {name for name in ours if any(each.startswith(f"{name}/") for each in unseen)}
    assert {name: mode for name, mode in ours.items() if name not in unseen | above} == {
        name: mode for name, mode in theirs.items() if name not in above
    }
    modes = {entry.name: entry.mode & 0o7777 for entry in entries}
    assert {name: ours[name] for name in ours.keys() & modes.keys()} == {
        name: modes[name] for name in ours.keys() & modes.keys()
    }
    assert unseen <= ours.keys()
