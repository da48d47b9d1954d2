"""A small project on disk, with a runner and records that remember each call."""

import contextlib
import io
import json
import sys

import pytest

from webstack.cli import main
from webstack.cli.backends import session_setup
from webstack.cli.backends.composition import Choice, StackSession
from webstack.cli.backends.runner import PreviewResult
from webstack.cli.daemon import containers, unwritten
from webstack.cli.deployments import stack_daemon, stack_health
from webstack.cli.plans import dry_run
from webstack.cli.terminal import prompts
from webstack.cli.terminal.summary import Leftovers
from webstack.docker.endpoint import Endpoint

VOLUME = "urn:pulumi:dev::webstack::webstack:service:WebService$docker:index/volume:Volume::a-data"
STACK_STEP = {"op": "same", "urn": "urn:pulumi:dev::webstack::pulumi:pulumi:Stack::webstack-dev"}
LOSING = {"steps": [STACK_STEP, {"op": "delete", "urn": VOLUME, "oldState": {"protect": True}}]}


class FakeRunner:
    """Has a plan and exit codes, and notes each operation."""

    def __init__(self, plan=None, code=0):
        self.plan = plan or PreviewResult(0, changes=True)
        self.code = code
        self.done = []
        self.found = PreviewResult(0, changes=False)
        self.options = []

    def _did(self, what, options=None):
        self.done.append(what)
        self.options.append(options)

    def ensure_stack(self):
        self._did("ensure_stack")

    def preview(self, options):
        self._did("preview", options)
        return self.plan

    def preview_destroy(self, options):
        self._did("preview_destroy", options)
        return self.plan

    def up(self, options):
        self._did("up", options)
        return self.code

    def destroy(self, options):
        self._did("destroy", options)
        return self.code

    def refresh(self, options):
        self._did("refresh", options)
        return self.code

    def preview_refresh(self):
        self._did("preview_refresh")
        return self.found

    def unprotect(self, urns=()):
        self._did("unprotect", urns)

    def cancel(self):
        self._did("cancel")


class FakeRecords:
    """Keeps settings in a dictionary, and outputs and history as they were put in."""

    def __init__(self):
        self.settings = {"plain": "1"}
        self.secrets = set()
        self.updates = []
        self.deployment = '{"deployment": {}}'
        self.created = self.deleted = False
        self.found = {
            "url": "http://localhost:8080/",
            "services": {
                "flask": {
                    "url": "http://localhost:8080/",
                    "image": "webstack/flask:1",
                    "containers": ["webstack-dev-flask-0-1"],
                }
            },
            "release": 1,
        }

    def outputs(self, *, show_secrets=False):
        return {**self.found, "key": "open"} if show_secrets else self.found

    def history(self):
        return self.updates

    def get(self, key, *, path=False):
        return self.settings[key]

    def set(self, key, value, *, secret, path=False):
        self.settings[key] = value
        if secret:
            self.secrets.add(key)

    def remove(self, key, *, path=False):
        del self.settings[key]

    def stacks(self):
        return ["dev", "staging"]

    def create(self):
        self.created = True

    def delete(self, *, force):
        self.deleted = "forced" if force else True

    def export(self, *, show_secrets=False):
        return self.deployment

    def import_(self, deployment):
        self.deployment = deployment


@pytest.fixture
def project(tmp_path):
    """Write a project folder with one stack."""
    (tmp_path / "Pulumi.yaml").write_text(
        "name: webstack\nruntime: python\nbackend: {url: 'file://.state'}\n"
    )
    (tmp_path / "__main__.py").touch()
    (tmp_path / "Pulumi.dev.yaml").write_text("config: {}\n")
    (tmp_path / "dev.passphrase").write_text("public")
    return tmp_path


@pytest.fixture
def session(project):
    """Give a session whose runner and records are fakes."""
    from webstack.engine.project.project import Project

    choice = Choice("embedded", "a test")
    return StackSession(Project.load(project, {}), "dev", choice, FakeRunner(), FakeRecords())


@pytest.fixture
def run(session, monkeypatch):
    """Run a command line against the fakes; an answer means that there is a terminal."""

    def run(*words, answer=None, given=None):
        monkeypatch.setattr(session_setup, "open_session", lambda *_, **__: session)
        monkeypatch.setattr(
            session_setup, "provide_daemon", lambda *_: Endpoint("unix:///x", "test")
        )
        monkeypatch.setattr(stack_daemon, "use_daemon", lambda _: True)
        monkeypatch.setattr(stack_daemon, "on_docker", lambda _: run.docker)
        left = Leftovers(["webstack-dev-flask-data"])
        monkeypatch.setattr(stack_daemon, "leftovers", lambda _: left)
        monkeypatch.setattr(stack_health, "faults", lambda *_, **_limits: run.faults)
        monkeypatch.setattr(prompts, "is_terminal", lambda: answer is not None)
        typed = f"{answer or ''}\n" if given is None else given
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        return main.main(words)

    run.docker, run.faults = None, {}
    return run


@pytest.fixture
def losing(session, monkeypatch):
    """Give a session whose next change takes a data volume; its scratch copy is itself."""
    session.runner.plan = PreviewResult(0, changes=True, document=LOSING)
    monkeypatch.setattr(dry_run, "scratch_session", lambda _: contextlib.nullcontext(session))
    return session


@pytest.fixture
def webstack(project, monkeypatch, capsys):
    """Give a function that runs `webstack` in the project: its exit code and its output."""
    for name in ("PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE", "PULUMI_BACKEND_URL"):
        monkeypatch.delenv(name, raising=False)

    def command(*words, passphrase=None):
        if passphrase is None:
            monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE", raising=False)
        else:
            monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", passphrase)
        code = main.main([*words, "--engine", "embedded", "--cwd", str(project)])
        said = capsys.readouterr()
        return code, said.out + said.err

    return command


@pytest.fixture
def empty(session, monkeypatch):
    """Let the daemon say that the volume which ``losing`` takes holds nothing."""
    volume = {"urn": VOLUME, "type": "docker:index/volume:Volume", "id": "v", "protect": True}
    session.records.deployment = json.dumps({"deployment": {"resources": [volume]}})
    monkeypatch.setattr(containers, "shared", lambda _: "the daemon")
    monkeypatch.setattr(unwritten, "unwritten", lambda api, names: {*names} & {"v"})
    return session
