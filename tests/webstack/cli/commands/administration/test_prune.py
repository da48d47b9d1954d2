"""Prune shows what can go, asks, and removes it unless another run has the stack."""

import base64
import io
import json
import sys
import zlib

import pytest

from tests.webstack.cli.conftest import FakeRecords, FakeRunner
from webstack.cli import main
from webstack.cli.backends import session_setup
from webstack.cli.backends.composition import Choice, StackSession
from webstack.cli.commands.administration import prune
from webstack.cli.deployments import stack_daemon
from webstack.cli.state.stack_state import CONTAINER, RELEASE
from webstack.cli.terminal import prompts
from webstack.engine.project.stack import backend_of
from webstack.engine.storage import locks

IMAGES = ["webstack/shop:1", "webstack/shop:2", "webstack/shop:3", "webstack/proxy:1"]


def record(number):
    values = {
        "number": number,
        "time": "2026-11-21T12:00:00+00:00",
        "origin": {},
        "blueprint": {"settings": {}, "plan": {"configuration": ""}},
        "static": {"shop": [f"site.{number}.css", "same.css"]},
        "secrets": {},
    }
    return base64.b64encode(zlib.compress(json.dumps(values).encode())).decode()


def exported(*numbers, image="", keep=5):
    history = [
        {
            "number": number,
            "time": "",
            "commit": "",
            "first": number,
            "images": {"shop": f"webstack/shop:{number}", "proxy": "webstack/proxy:1"},
        }
        for number in numbers
    ]
    records = {"plaintext": json.dumps([record(number) for number in numbers])}
    outputs = {"history": history, "records": records, "keep": keep}
    resources = [
        {"urn": f"::{RELEASE}::release", "type": RELEASE, "outputs": outputs},
        {"urn": "x", "type": "docker:index/image:Image", "inputs": {"imageName": image}},
        {"urn": "y", "type": CONTAINER, "inputs": {"image": ""}, "id": "c0ffee", "delete": True},
    ]
    return json.dumps({"version": 3, "deployment": {"resources": resources}})


class FakeStored:
    """Images and static files of a daemon, and a list of those that were removed."""

    def __init__(self, _docker=None):
        self.present = dict.fromkeys(IMAGES, False)
        self.files = ["shop/site.1.css", "shop/site.2.css", "shop/same.css"]
        self.removed = []
        self.running = {"c0ffee": "webstack-dev-shop-0-1"}

    def containers(self):
        return self.running

    def images(self):
        return self.present

    def remove_image(self, reference):
        self.removed.append(reference)
        return True

    def static_files(self):
        return self.files

    def remove_static_files(self, names):
        self.removed += names


@pytest.fixture
def stored():
    return FakeStored()


@pytest.fixture
def run(session, stored, monkeypatch, tmp_path):
    """Run prune on stack dev with releases 1 and 2; staging has none of its own at first."""
    others = {"staging": FakeRecords()}
    others["staging"].deployment = json.dumps({"deployment": {}})
    (tmp_path / "Pulumi.staging.yaml").write_text("config: {}\n")

    def opened(stack, *_, **__):
        if stack in others:
            choice = Choice("embedded", "a test")
            return StackSession(session.project, stack, choice, FakeRunner(), others[stack])
        return session

    def run(*words, answer=None):
        monkeypatch.setattr(session_setup, "open_session", opened)
        monkeypatch.setattr(prune, "open_session", opened)
        monkeypatch.setattr(stack_daemon, "on_docker", lambda _: None)
        monkeypatch.setattr("webstack.cli.daemon.stored.Stored", lambda _: stored)
        monkeypatch.setattr(prompts, "is_terminal", lambda: answer is not None)
        monkeypatch.setattr(sys, "stdin", io.StringIO(f"{answer or ''}\n"))
        return main.main(["prune", *words])

    session.records.deployment = exported(1, 2, keep=1)
    run.staging = others["staging"]
    return run


GOING = ["shop/site.1.css", "webstack/shop:1", "webstack/shop:3"]


def test_what_no_kept_release_needs_goes(run, stored, capsys):
    assert run("--yes") == 0
    assert sorted(stored.removed) == GOING
    out = capsys.readouterr().out
    assert "image           webstack/shop:1" in out
    assert "1 static files  of shop" in out
    assert "Removed 2 images and 1 static files." in out


def test_the_setting_says_how_many_are_kept(run, stored, project):
    (project / "Pulumi.dev.yaml").write_text("config:\n  webstack:releases: 2\n")
    run("--yes")
    assert stored.removed == ["webstack/shop:3"]


@pytest.mark.parametrize("value", ["none", "0", "-1"])
def test_a_setting_that_is_no_number_is_named(run, project, capsys, value):
    (project / "Pulumi.dev.yaml").write_text(f"config:\n  webstack:releases: {value}\n")
    assert run("--yes") == 1
    assert "webstack:releases of dev" in capsys.readouterr().err


def test_images_of_other_stacks_stay(run, stored):
    run.staging.deployment = exported(1, 3, keep=2)
    run("--yes")
    assert stored.removed == ["shop/site.1.css"]


def test_an_image_that_the_state_counts_on_stays(run, stored, session):
    """The release that needs the image has failed, and is to be tried again."""
    session.records.deployment = exported(1, 2, image="webstack/shop:3", keep=1)
    run("--yes")
    assert "webstack/shop:3" not in stored.removed


def test_nothing_goes_that_a_container_of_another_state_may_need(run, stored, capsys):
    """A second checkout of the project, on the same engine, knows nothing of the first."""
    stored.running["5eed"] = "webstack-dev-shop-0-7"
    assert run("--yes") == 1
    assert stored.removed == []
    assert "no state here knows webstack-dev-shop-0-7" in capsys.readouterr().err


def test_containers_of_another_stack_of_the_backend_are_known(run, stored):
    stored.running["c0ffee"] = "webstack-staging-shop-0-1"
    run.staging.deployment = exported(1)
    assert run("--yes") == 0


def test_someone_at_a_terminal_is_asked(run, stored):
    assert run(answer="n") == 8
    assert stored.removed == []
    assert run(answer="y") == 0
    assert sorted(stored.removed) == GOING


def test_without_a_terminal_it_only_shows(run, stored, capsys):
    assert run() == 8
    assert stored.removed == []
    assert "add --yes" in capsys.readouterr().err


def test_nothing_to_do_is_said(run, stored, capsys):
    stored.present, stored.files = {"webstack/shop:2": False}, ["shop/site.2.css"]
    assert run() == 0
    assert "Nothing can go" in capsys.readouterr().out


@pytest.mark.parametrize("stack", ["dev", "staging"])
def test_it_waits_for_no_other_run(run, stored, session, stack, capsys):
    """An image that is just being built is in no state yet, and in no container."""
    folder = backend_of(session.project).locks(stack)
    folder.mkdir(parents=True)
    other = {
        "pid": 1,
        "username": "a",
        "hostname": "elsewhere",
        "timestamp": "2026-01-01T00:00:00Z",
    }
    (folder / "other.json").write_text(json.dumps(other))
    assert run("--yes") == 1
    assert "locked" in capsys.readouterr().err
    assert stored.removed == []
    assert len(locks.list_locks(folder)) == 1
