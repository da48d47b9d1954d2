import io
import re
import time

from webstack.cli.terminal.progress import CLEAR, Quiet, Terminal


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
        end = time.monotonic() + 20
        while " s)" not in out.getvalue() and time.monotonic() < end:
            time.sleep(0.05)
    assert re.search(r"Installing docker\.io: downloading 12 % \(\d+ s\)", out.getvalue())


def test_a_short_step_leaves_no_line_behind():
    out = io.StringIO()
    with Terminal(out).step("Short"):
        pass
    assert "\n" not in out.getvalue()


def test_a_long_step_leaves_its_seconds_behind(monkeypatch):
    monkeypatch.setattr("webstack.cli.terminal.progress.WORTH_A_LINE", 0.0)
    out = io.StringIO()
    with Terminal(out).step("Building"):
        pass
    assert out.getvalue().endswith("Building: done in 0.0 s\n")


def test_what_a_step_tells_moves_no_cursor():
    out = io.StringIO()
    terminal = Terminal(out)
    with terminal.step("pulling \x1b[2J") as step:
        step.at("layer\n\x9b1A")
        terminal._drawing.join(timeout=0.3)
    terminal.announce("installed\x07")
    shown = out.getvalue().replace(CLEAR, "")
    assert "pulling \\u001b[2J: layer\\n\\u009b1A" in shown
    assert shown.endswith("installed\\u0007\n")
    assert not {"\x1b", "\x9b", "\x07"} & set(shown)
