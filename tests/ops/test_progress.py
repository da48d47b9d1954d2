import io
import time

from ops.progress import Quiet, Terminal


def test_a_pipe_sees_announcements_only():
    out = io.StringIO()
    quiet = Quiet(out)
    with quiet.step("Building"):
        quiet.announce("Starting dockerd")
    assert out.getvalue() == "Starting dockerd\n"


def test_a_terminal_shows_what_runs_how_far_and_since_when():
    out = io.StringIO()
    terminal = Terminal(out)
    with terminal.step("Installing docker.io") as step:
        step.at("downloading 12 %")
        time.sleep(0.25)
    assert "Installing docker.io: downloading 12 % (0 s)" in out.getvalue()


def test_a_short_step_leaves_no_line_behind():
    out = io.StringIO()
    with Terminal(out).step("Short"):
        pass
    assert "\n" not in out.getvalue()


def test_a_long_step_leaves_its_seconds_behind(monkeypatch):
    monkeypatch.setattr("ops.progress.WORTH_A_LINE", 0.0)
    out = io.StringIO()
    with Terminal(out).step("Building"):
        pass
    assert out.getvalue().endswith("Building: done in 0.0 s\n")
