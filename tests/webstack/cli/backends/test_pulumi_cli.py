"""The CLI's runner works with a `pulumi` that is a script: questions, answers, exit codes."""

import json
import os
import re
from contextlib import contextmanager, suppress

import pytest
from msgspec.structs import replace

from webstack.cli.backends.pulumi_cli import PulumiCli, PulumiRecords, PulumiRunner
from webstack.cli.backends.runner import OperationOptions, PreviewResult
from webstack.cli.machine.shell import CommandError
from webstack.cli.terminal.errors import OpsError

UNEXPECTED = "error: no changes were expected for preview but changes were proposed"


@pytest.fixture
def pulumi(tmp_path):
    """Put a pulumi on PATH that writes down its arguments and runs some shell lines."""

    def install(script=""):
        program = tmp_path / "pulumi"
        program.write_text(f'#!/bin/sh\necho "$*" >> {tmp_path}/calls\n{script}\n')
        program.chmod(0o755)
        environ = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
        os.environ["PATH"] = environ["PATH"]  # Popen looks the program up with our own PATH
        return PulumiCli(tmp_path, "dev", environ)

    before = os.environ["PATH"]
    yield install
    os.environ["PATH"] = before


def calls(tmp_path):
    return (tmp_path / "calls").read_text().splitlines()


def runner(cli, tmp_path):
    return PulumiRunner(cli, tmp_path / "Pulumi.dev.yaml", (tmp_path / "released").touch)


def test_up_runs_the_program_once_without_asking(pulumi, tmp_path):
    wanted = OperationOptions(targets=("a", "b"), refresh=True, diff=True, parallel=3)
    assert runner(pulumi("exit 3"), tmp_path).up(wanted) == 3
    said = re.sub(r" --event-log \S+", "", calls(tmp_path)[0])
    assert said == (
        "up --yes --skip-preview --target a --target b --refresh --diff --parallel 3 --stack dev"
    )


def test_a_failed_up_is_followed_by_what_its_events_advise(pulumi, tmp_path, capsys):
    script = 'test "$PULUMI_DEBUG_COMMANDS" = true && echo image >> "$5"; exit 255'
    read = []

    def advise(events):
        read.append((events, events.read_text()))
        return ["image shop: start from another"]

    cli = PulumiRunner(pulumi(script), tmp_path / "Pulumi.dev.yaml", lambda: None, advise=advise)
    assert cli.up(OperationOptions()) == 255
    assert capsys.readouterr().err == "error: image shop: start from another\n"
    [(events, text)] = read
    assert text == "image\n"
    assert not events.exists()


@pytest.mark.parametrize(
    ("script", "expect_no_changes", "plan", "said"),
    [
        ("", False, PreviewResult(0, changes=False), ""),
        (f"echo '{UNEXPECTED}' >&2; exit 7", False, PreviewResult(0, changes=True), ""),
        (
            f"echo '{UNEXPECTED}' >&2; exit 7",
            True,
            PreviewResult(7, changes=True),
            f"{UNEXPECTED}\n",
        ),
        ("echo 'error: boom' >&2; exit 1", False, PreviewResult(1, changes=False), "error: boom\n"),
    ],
)
def test_a_preview_tells_whether_there_is_something_to_change(
    pulumi, tmp_path, capsys, script, expect_no_changes, plan, said
):
    """The CLI says so only in the error of --expect-no-changes, whatever its exit code."""
    cli = pulumi(script)
    assert (
        runner(cli, tmp_path).preview(OperationOptions(expect_no_changes=expect_no_changes)) == plan
    )
    assert capsys.readouterr().err == said


@pytest.mark.parametrize("operation", ["up", "destroy", "refresh"])
def test_what_takes_a_lock_finds_none_of_a_run_that_is_dead(pulumi, tmp_path, operation):
    cli = runner(pulumi(f"test -e {tmp_path}/released"), tmp_path)
    assert getattr(cli, operation)(OperationOptions()) == 0


def test_a_cli_that_is_killed_is_told_on_a_line_of_its_own(pulumi, tmp_path, capfd):
    with pytest.raises(OpsError, match=r"`pulumi up` was ended by signal 9; .*again"):
        runner(pulumi("printf '@ updating...' >&2; kill -9 $$"), tmp_path).up(OperationOptions())
    assert capfd.readouterr().err == "@ updating...\n"


@pytest.mark.parametrize(("script", "left"), [("", False), ("kill -9 $$", True)])
def test_a_run_is_noted_and_the_note_of_a_killed_one_stays(pulumi, tmp_path, script, left):
    @contextmanager
    def note(pid):
        (tmp_path / "note").write_text(str(pid))
        yield
        (tmp_path / "note").unlink()

    cli = pulumi(f"sleep 0.2; test $(cat {tmp_path}/note) = $$ || exit 9; {script}")
    noting = runner(replace(cli, note=note), tmp_path)
    with suppress(OpsError):
        assert noting.up(OperationOptions()) == 0
    assert (tmp_path / "note").exists() is left


def test_down_and_refresh_do_not_ask_either(pulumi, tmp_path):
    cli = runner(pulumi(), tmp_path)
    cli.destroy(OperationOptions(exclude_protected=True))
    cli.preview_destroy(OperationOptions())
    cli.refresh(OperationOptions())
    cli.unprotect()
    cli.cancel()
    assert calls(tmp_path) == [
        "destroy --yes --skip-preview --exclude-protected --stack dev",
        "destroy --preview-only --stack dev",
        "refresh --yes --skip-preview --stack dev",
        "state unprotect --all --yes --stack dev --non-interactive",
        "cancel --yes --stack dev --non-interactive",
    ]


@pytest.mark.parametrize(
    ("listed", "has_settings", "created"),
    [([], True, True), ([{"name": "organization/webstack/dev"}], True, False), ([], False, False)],
)
def test_a_stack_with_settings_but_no_state_is_created(
    pulumi, tmp_path, listed, has_settings, created
):
    if has_settings:
        (tmp_path / "Pulumi.dev.yaml").touch()
    runner(pulumi(f"echo '{json.dumps(listed)}'"), tmp_path).ensure_stack()
    done = calls(tmp_path) if (tmp_path / "calls").exists() else []
    assert ("stack init --stack dev --non-interactive" in done) is created


def test_outputs_and_history_are_read_as_json(pulumi, tmp_path):
    records = PulumiRecords(pulumi("""echo '{"url": "x"}'; echo noise >&2"""))
    assert records.outputs(show_secrets=True) == {"url": "x"}
    assert calls(tmp_path) == ["stack output --json --show-secrets --stack dev --non-interactive"]
    assert PulumiRecords(pulumi("echo '[]'")).history() == []


def test_a_setting_is_piped_in(pulumi, tmp_path):
    records = PulumiRecords(pulumi(f"cat > {tmp_path}/given"))
    records.set("password", "hush", secret=True)
    assert calls(tmp_path) == ["config set password --secret --stack dev --non-interactive"]
    assert (tmp_path / "given").read_text() == "hush"


def test_a_state_is_piped_in_and_out(pulumi, tmp_path):
    records = PulumiRecords(pulumi(f"cat > {tmp_path}/given; echo state"))
    records.import_("deployment")
    assert (tmp_path / "given").read_text() == "deployment"
    assert records.export() == "state\n"


def test_stacks_are_named_without_their_organisation(pulumi):
    listed = [{"name": "staging"}, {"name": "organization/webstack/dev"}]
    assert PulumiRecords(pulumi(f"echo '{json.dumps(listed)}'")).stacks() == ["dev", "staging"]


def test_a_failing_read_gives_the_clis_own_words(pulumi):
    with pytest.raises(CommandError, match="no stack named 'dev' found"):
        PulumiRecords(pulumi("echo \"error: no stack named 'dev' found\" >&2; exit 6")).outputs()
