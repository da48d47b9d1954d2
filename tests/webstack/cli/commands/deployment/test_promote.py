"""A release that cannot be promoted is refused in one line, before anything happens."""

from __future__ import annotations

import json
import os
from argparse import Namespace

import pytest
from msgspec.structs import replace

from tests.webstack.cli.conftest import FakeRecords
from webstack.cli.backends import session_setup
from webstack.cli.commands.deployment import promote
from webstack.cli.daemon import image_archives
from webstack.cli.deployments import stack_daemon
from webstack.cli.terminal.errors import OpsError
from webstack.contract.variables import PROMOTING

IMAGES = {"flask": "shop/flask:1", "proxy": "shop/proxy:1", "python": "webstack/python:1"}
RELEASE = {
    "number": 1,
    "time": "2026-11-21T10:00:00+00:00",
    "commit": "abc",
    "clean": True,
    "first": 1,
    "images": IMAGES,
}
OPTIONS = Namespace(source="staging", stack="dev", engine=None, cwd=None)


class Docker:
    """A daemon that has some images."""

    def __init__(self, *images: str) -> None:
        self.images = images

    def image_id(self, reference: str) -> str | None:
        return f"sha256:{reference}" if reference in self.images else None


@pytest.fixture
def stacks(session, project, monkeypatch: pytest.MonkeyPatch):
    """Give staging with one release, and dev, on a daemon that has all images of staging."""
    for stack in ("staging", "dev"):
        (project / f"Pulumi.{stack}.yaml").write_text("config: {webstack:debug: false}\n")
    found = {}
    for name in ("staging", "dev"):
        found[name] = replace(session, stack=name, records=FakeRecords())
    released = {"type": "pulumi-python:dynamic/webstack:Release", "outputs": {"history": [RELEASE]}}
    found["staging"].records.deployment = json.dumps({"deployment": {"resources": [released]}})
    found["dev"].records.deployment = json.dumps({"deployment": {}})
    monkeypatch.setattr(session_setup, "open_session", lambda name, *_, **__: found[name])
    monkeypatch.setattr(stack_daemon, "use_daemon", lambda _: True)
    monkeypatch.setattr(stack_daemon, "on_docker", lambda _: Docker(*IMAGES.values()))
    return found


def test_the_program_finds_images_and_commit_and_only_then(stacks):
    with promote.images_as_input(OPTIONS):
        told = json.loads(os.environ[PROMOTING])
    assert told == {"stack": "staging", "images": IMAGES, "commit": "abc", "clean": True}
    assert PROMOTING not in os.environ


def refused(**changes: str) -> str:
    with (
        pytest.raises(OpsError) as caught,
        promote.images_as_input(Namespace(**{**vars(OPTIONS), **changes})),
    ):
        pass
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_stack_without_a_release_has_nothing_to_promote(stacks):
    assert refused(source="dev", stack="staging").startswith("dev has no release to promote")


def test_a_stack_is_not_promoted_to_itself(stacks):
    assert refused(stack="staging") == "staging runs its own images; name two stacks"


def test_an_image_that_the_target_lacks_is_named(stacks, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(stack_daemon, "on_docker", lambda _: Docker("shop/flask:1"))
    assert refused().startswith("the image shop/proxy:1 of staging is not on the daemon of dev")


def test_images_with_debugging_do_not_reach_a_stack_without(stacks, project):
    (project / "Pulumi.staging.yaml").write_text("config: {webstack:debug: true}\n")
    assert "built with debug: true, and dev wants false" in refused()


def test_debugging_that_the_cli_has_written_as_text_is_none(stacks, project, monkeypatch):
    (project / "Pulumi.staging.yaml").write_text('config: {webstack:debug: "false"}\n')
    monkeypatch.setattr(stack_daemon, "on_docker", lambda _: Docker())
    assert "is not on the daemon of dev" in refused()


def test_a_tag_that_someone_has_overwritten_is_not_promoted(stacks):
    release = {**RELEASE, "image_ids": {"flask": "sha256:other"}}
    released = {"type": "pulumi-python:dynamic/webstack:Release", "outputs": {"history": [release]}}
    stacks["staging"].records.deployment = json.dumps({"deployment": {"resources": [released]}})
    with pytest.raises(OpsError, match=r"staging cannot be promoted: its image .* is another by"):
        promote.images_as_input(OPTIONS).__enter__()


def test_images_that_only_the_other_daemon_has_are_taken_there(stacks, monkeypatch):
    ours, theirs = Docker("shop/flask:1"), Docker(*IMAGES.values())
    daemons = {"dev": ours, "staging": theirs}
    monkeypatch.setattr(stack_daemon, "on_docker", lambda session: daemons[session.stack])
    used: list[str] = []
    monkeypatch.setattr(stack_daemon, "use_daemon", lambda session: used.append(session.stack))
    monkeypatch.setattr(image_archives, "patient", lambda: used[-1])
    copied: list[tuple[str, str, list[str]]] = []

    def copy(source: str, target: str, names: list[str], _: object) -> None:
        copied.append((source, target, names))
        ours.images += tuple(names)

    monkeypatch.setattr(image_archives, "copy", copy)
    with promote.images_as_input(OPTIONS):
        assert json.loads(os.environ[PROMOTING])["images"] == IMAGES
    assert copied == [("staging", "dev", ["shop/proxy:1", "webstack/python:1"])]
