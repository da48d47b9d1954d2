"""Composition root: finds the project, chooses what runs it, and puts the parts together."""

from __future__ import annotations

import dataclasses
import shutil
import sys
from collections import ChainMap
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TextIO, cast

import msgspec

from webstack.cli.backends import pulumi_environment
from webstack.cli.backends.ownership import Guard
from webstack.cli.backends.runner import Records, Runner
from webstack.cli.terminal.errors import OpsError
from webstack.contract import plain_text
from webstack.engine.model.errors import EngineError, ProjectError, UnsupportedError
from webstack.engine.project import config
from webstack.engine.project.config import StackSettings
from webstack.engine.project.project import FILE, Project
from webstack.engine.project.stack import backend_of, is_interrupted, open_stack, stack_name

if TYPE_CHECKING:
    from webstack.engine.model.events import Event

VARIABLE = "PULUMI_STACK"
ENGINE_VARIABLE = "WEBSTACK_ENGINE"
ENGINE_SETTING = "webstack:engine"
CLI, EMBEDDED, AUTO = ENGINES = ("pulumi", "embedded", "auto")
TITLES = {CLI: "the Pulumi CLI", EMBEDDED: "the embedded engine"}


class Choice(msgspec.Struct, frozen=True):
    """Says which engine runs the program, and who chose it."""

    engine: str
    reason: str

    def __str__(self) -> str:
        return f"{TITLES[self.engine]} ({self.reason})"


class StackSession(msgspec.Struct, frozen=True):
    """Holds one stack of a project with all that works on it."""

    project: Project
    stack: str
    choice: Choice
    runner: Runner
    records: Records


def open_session(
    stack: str | None,
    engine: str | None,
    folder: Path | None,
    environ: MutableMapping[str, str],
    *,
    ahead: bool = False,
) -> StackSession:
    """Put a session together from what the user said, the environment and the settings.

    Where the embedded engine is to work on the stack, ``ahead`` has it opened before the engine is
    loaded: its key is then derived on another core meanwhile.
    """
    project, name = identified(stack, folder, environ)
    settings = config.read_settings(project, name)
    kind = str(settings.own.get(pulumi_environment.ENVIRONMENT) or name)
    added = pulumi_environment.variables(project, name, environ, kind)
    # A view, not a copy: which Docker daemon answers is found out only later.
    project = dataclasses.replace(project, environ=ChainMap(added, environ))
    choice = choose(engine, environ, _engine_named_by(settings), _path_of_cli())
    if choice.engine == CLI:
        runner, records = _cli(project, name)
    else:
        runner, records = _embedded(project, name, settings if ahead else None)
    return StackSession(project, name, choice, runner, records)


def identified(
    stack: str | None, folder: Path | None, environ: MutableMapping[str, str]
) -> tuple[Project, str]:
    """Say which project and stack are meant, before anything of the stack is read."""
    project = Project.load(find_project(folder or Path.cwd()), environ)
    return project, stack_name(project, _said(stack, environ))


def _said(stack: str | None, environ: MutableMapping[str, str]) -> str:
    """Return the stack that is meant; an empty name is a variable that was not set: none."""
    for name, source in ((stack, "the stack's name"), (environ.get(VARIABLE), VARIABLE)):
        if name == "":
            raise OpsError(f"{source} is empty", f"name a stack, such as {pulumi_environment.DEV}")
        if name is not None:
            return name
    return pulumi_environment.DEV


def find_project(start: Path) -> Path:
    """Find Pulumi.yaml above a folder; from elsewhere the project this command belongs to.

    That is the checkout that it is part of, or else the project in whose ``.venv`` it is installed.
    """
    start = start.resolve()
    for folder in (start, *start.parents):
        if (folder / FILE).is_file():
            return folder
    checkout = Path(__file__).resolve().parents[3]
    return checkout if (checkout / FILE).is_file() else Path(sys.prefix).resolve().parent


def choose(
    option: str | None, environ: MutableMapping[str, str], setting: str | None, cli: str | None
) -> Choice:
    """Choose the engine: the option wins over the variable, the variable over the setting.

    Left to itself it takes the CLI where there is one.
    """
    said = (
        (option, "--engine"),
        (environ.get(ENGINE_VARIABLE), ENGINE_VARIABLE),
        (setting, f"the setting {ENGINE_SETTING}"),
    )
    for name, source in said:
        if not name or name == AUTO:
            continue
        if name not in ENGINES:
            raise OpsError(f'{source} is "{name}"', f"it must be one of {', '.join(ENGINES)}")
        if name == CLI and not cli:
            raise OpsError(
                f"{source} asks for the Pulumi CLI, but there is no pulumi on PATH",
                f"install it, or use the engine that is built in: --engine {EMBEDDED}",
            )
        return Choice(name, source)
    return Choice(CLI, f"found at {cli}") if cli else Choice(EMBEDDED, "no pulumi on PATH")


def _path_of_cli() -> str | None:
    return shutil.which(CLI)


def _engine_named_by(settings: StackSettings) -> str | None:
    value = settings.values.get(ENGINE_SETTING)
    return None if value is None else str(value)


def _cli(project: Project, stack: str) -> tuple[Runner, Records]:
    from webstack.cli.backends.pulumi_cli import PulumiCli, PulumiRecords, PulumiRunner

    pulumi_environment.make_state_folder(project)
    cli = PulumiCli(project.root, stack, project.environ, partial(_noted, project, stack))
    clear = partial(_clear_killed_run, project, stack)
    records = PulumiRecords(cli)
    guard = _guard(project, stack, records)
    advise = partial(_advised, project.main)
    return PulumiRunner(cli, project.settings_file(stack), clear, guard, advise), records


def _advised(folder: Path, events: Path) -> Iterator[str]:
    # Only a failure needs it.
    from webstack.cli.backends.failed_builds import advised, those_there

    yield from advised(events, folder, those_there)


def _clear_killed_run(project: Project, stack: str) -> None:
    """Take the locks of dead runs away, and settle what they left under way.

    So the embedded engine does for itself. A backend that is no folder keeps both.
    """
    from webstack.engine.storage import locks

    with suppress(ProjectError, UnsupportedError):
        locks.release_stale(backend_of(project), stack, partial(print, file=sys.stderr))
        if is_interrupted(project, stack):
            from webstack.engine.operations import operations

            # The stream of now: while the engine works, what is printed belongs to the program.
            operations.settle(project, stack, partial(_tell, sys.stderr))


@contextmanager
def _noted(project: Project, stack: str, pid: int) -> Iterator[None]:
    """Keep beside the state which process the CLI is; a backend that is no folder has no place."""
    from webstack.engine.storage import locks

    try:
        backend = backend_of(project)
    except (ProjectError, UnsupportedError):
        yield
        return
    with locks.noted(backend, stack, pid):
        yield


def _tell(stream: TextIO, event: Event) -> None:
    from webstack.engine.model.events import Diagnostic

    if isinstance(event, Diagnostic):
        print(plain_text.block(event.message), file=stream)


def _embedded(
    project: Project, stack: str, settings: StackSettings | None
) -> tuple[Runner, Records]:
    """Choose the embedded engine; with settings it has the stack opened before it is loaded."""
    opened = None
    if settings:
        # What is wrong is said when the stack is opened for its purpose.
        with suppress(EngineError, OSError):
            opened = open_stack(project, stack, settings)
    from webstack.cli.backends.embedded import EmbeddedRecords, EmbeddedRunner

    records = EmbeddedRecords(project, stack)
    return EmbeddedRunner(project, stack, _guard(project, stack, records), opened), records


def _guard(project: Project, stack: str, records: Records) -> Guard:
    # It is the view that was made for this session.
    environ = cast("MutableMapping[str, str]", project.environ)
    return Guard(project.name, stack, records, environ)
