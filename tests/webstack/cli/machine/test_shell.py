import time

import pytest

from webstack.cli.machine.shell import CommandError, run, succeeds


def test_it_gives_what_was_printed_on_both_streams():
    assert run(["sh", "-c", "echo out; echo err >&2"]) == "out\nerr\n"


def test_a_failure_names_command_code_and_last_lines():
    with pytest.raises(CommandError, match=r"`sh -c .*` failed with exit code 3\n    broken"):
        run(["sh", "-c", "echo broken; exit 3"])


def test_a_program_that_is_not_there_is_an_ordinary_failure():
    with pytest.raises(CommandError, match="not found"):
        run(["webstack-no-such-program"])


def test_a_program_that_takes_too_long_is_stopped():
    with pytest.raises(CommandError, match="no answer within"):
        run(["sleep", "5"], timeout=0.05)


def test_a_daemon_that_it_leaves_behind_is_not_waited_for():
    """Package managers start daemons that inherit their output."""
    began = time.monotonic()
    run(["sh", "-c", "sleep 20 &"])
    assert time.monotonic() - began < 10


def test_checks_answer_yes_or_no():
    assert succeeds(["true"])
    assert not succeeds(["false"])
