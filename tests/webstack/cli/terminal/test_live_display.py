import io

from webstack.cli.terminal.live_display import LiveDisplay, observer
from webstack.cli.terminal.progress import Terminal
from webstack.engine.model.events import Diagnostic, StepDone, StepFailed, StepStarted
from webstack.engine.model.state import ResourceState
from webstack.engine.model.steps import Op, Step

URN = "urn:pulumi:dev::webstack::docker:index/image:Image::flask"
STEP = Step(Op.CREATE, URN, new=ResourceState(URN, "docker:index/image:Image", custom=True))


def display():
    out, lines = io.StringIO(), []
    return LiveDisplay(Terminal(out), lines.append), out, lines


def test_a_running_step_is_shown_with_how_far_it_is():
    live, out, lines = display()
    live(StepStarted(STEP, preview=False))
    live(Diagnostic("info", "Step 3/9 : RUN pip install", URN, ephemeral=True))
    live._terminal._drawing.join(timeout=0.3)
    assert "creating flask: Step 3/9 : RUN pip install (0 s)" in out.getvalue()
    live(StepDone(STEP, preview=False, seconds=1.0))
    assert lines == [StepStarted(STEP, preview=False), StepDone(STEP, preview=False, seconds=1.0)]


def test_a_failed_step_runs_no_longer():
    live, _, _ = display()
    live(StepStarted(STEP, preview=False))
    live(StepFailed(STEP, 1.0))
    assert live._terminal._steps == []


def test_a_preview_has_nothing_that_runs():
    live, _, _ = display()
    live(StepStarted(STEP, preview=True))
    live(StepDone(STEP, preview=True, seconds=0.0))
    assert live._terminal._steps == []


def test_a_pipe_gets_plain_lines():
    assert not isinstance(observer(), LiveDisplay)
