"""The embedded engine's runner and records, on a program without any Docker resource."""

import pytest

from webstack.cli.backends.embedded import EmbeddedRecords, EmbeddedRunner
from webstack.cli.backends.runner import OperationOptions
from webstack.cli.terminal.errors import OpsError
from webstack.engine.model.errors import EngineError
from webstack.engine.project.project import Project

PROGRAM = """
import pulumi
from pulumi.dynamic import CreateResult, Resource, ResourceProvider

class Made(ResourceProvider):
    def create(self, props):
        return CreateResult("id", props)

class Thing(Resource):
    def __init__(self, name, **options):
        super().__init__(Made(), name, {}, pulumi.ResourceOptions(**options))

Thing("loose")
Thing("kept", protect=True)
pulumi.export("url", pulumi.Config().require("url"))
"""


@pytest.fixture
def stack(project):
    """Give a runner and records of the stack dev, and the project's folder."""
    (project / "__main__.py").write_text(PROGRAM)
    (project / "Pulumi.dev.yaml").write_text("config:\n  webstack:url: http://x/\n")
    environ = {"PULUMI_CONFIG_PASSPHRASE_FILE": str(project / "dev.passphrase")}
    loaded = Project.load(project, environ)
    return EmbeddedRunner(loaded, "dev"), EmbeddedRecords(loaded, "dev")


def test_a_stack_goes_up_and_down_but_for_what_is_protected(stack, capsys):
    runner, records = stack
    runner.ensure_stack()
    assert "Commit Pulumi.dev.yaml: it has its encryptionsalt now" in capsys.readouterr().err
    plan = runner.preview(OperationOptions())
    assert (plan.code, plan.changes) == (0, True)
    assert runner.up(OperationOptions()) == 0
    assert records.outputs() == {"url": "http://x/"}
    assert [update["kind"] for update in records.history()] == ["update"]
    runner.ensure_stack()
    assert not runner.preview(OperationOptions()).changes

    assert runner.destroy(OperationOptions()) == 1
    assert "is protected" in capsys.readouterr().out
    assert runner.destroy(OperationOptions(exclude_protected=True)) == 0
    assert "kept" in records.export()
    runner.unprotect()
    assert runner.preview_destroy(OperationOptions()).changes
    assert runner.destroy(OperationOptions()) == 0
    assert "kept" not in records.export()


def test_a_plan_can_be_shown_property_by_property(stack, capsys):
    runner, _ = stack
    runner.ensure_stack()
    runner.preview(OperationOptions(diff=True))
    assert "+ pulumi-python:dynamic:Resource: (create)" in capsys.readouterr().out


def test_a_quiet_preview_gives_the_clis_json_and_shows_nothing(stack, capsys):
    runner, _ = stack
    runner.ensure_stack()
    capsys.readouterr()
    plan = runner.preview(OperationOptions(quiet=True))
    assert plan.document["changeSummary"]["create"] >= 3
    assert capsys.readouterr().out == ""
    assert (
        runner.preview(OperationOptions()).document["changeSummary"]
        == plan.document["changeSummary"]
    )
    assert "Previewing" in capsys.readouterr().out


def test_a_stack_without_settings_is_refused_with_the_command_that_makes_it(project):
    runner = EmbeddedRunner(Project.load(project, {}), "other")
    with pytest.raises(OpsError, match=r'no stack "other"; create it with `webstack stack init o'):
        runner.ensure_stack()


def test_settings_and_stacks_are_kept_in_the_projects_files(stack, project):
    _, records = stack
    records.create()
    records.set("password", "hush", secret=True)
    assert records.get("password") == "hush"
    assert "hush" not in (project / "Pulumi.dev.yaml").read_text()
    records.remove("password")
    assert "password" not in (project / "Pulumi.dev.yaml").read_text()
    assert records.stacks() == ["dev"]
    records.import_(records.export())
    records.delete(force=False)
    assert records.stacks() == []


@pytest.mark.parametrize("text", ["{", "", "3", "[]", '{"version": 3}', "[" * 100_000])
def test_what_is_no_state_is_refused(stack, text: str):
    stack[1].create()
    with pytest.raises((OpsError, EngineError), match="not an exported state"):
        stack[1].import_(text)
