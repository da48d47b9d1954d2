import subprocess

import pytest

from webstack.cli.backends.pulumi_environment import exports, require_passphrase, variables
from webstack.cli.terminal.errors import OpsError
from webstack.engine.project.project import Project


def test_dev_works_with_its_public_passphrase(project):
    added = variables(Project.load(project, {}), "dev", {})
    assert added["PULUMI_CONFIG_PASSPHRASE_FILE"] == str(project / "dev.passphrase")


def test_other_stacks_ask_for_their_own(project):
    assert variables(Project.load(project, {}), "production", {}).keys() == {"PULUMI_BACKEND_URL"}


@pytest.mark.parametrize(
    "environ", [{"PULUMI_CONFIG_PASSPHRASE": ""}, {"PULUMI_CONFIG_PASSPHRASE_FILE": "/own"}]
)
def test_what_the_environment_says_is_left_alone(project, environ):
    given = {**environ, "PULUMI_BACKEND_URL": "s3://bucket"}
    assert variables(Project.load(project, given), "dev", given) == {}


def test_a_missing_passphrase_is_one_line_with_the_way_out():
    with pytest.raises(OpsError, match=r'^the stack "staging" needs its passphrase; set PULUMI_'):
        require_passphrase("staging", {})


def test_a_passphrase_file_that_is_not_there_is_named():
    with pytest.raises(OpsError, match="names /nowhere, which is not a file"):
        require_passphrase("staging", {"PULUMI_CONFIG_PASSPHRASE_FILE": "/nowhere"})


def test_a_shell_reads_back_what_was_exported():
    text = exports({"PULUMI_BACKEND_URL": "file:///a folder/it's"})
    done = subprocess.run(
        ["sh", "-c", f'{text}printf %s "$PULUMI_BACKEND_URL"'], capture_output=True, text=True
    )
    assert done.stdout == "file:///a folder/it's"
