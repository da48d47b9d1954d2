"""Runs the user's program in this process, as the CLI's language host runs it in its own."""

from __future__ import annotations

import os
import re
import runpy
import site
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Final

from webstack.docker.archiving import archiving_here
from webstack.engine.model.errors import EngineError, ProgramError, UnsupportedError
from webstack.engine.model.events import Observer
from webstack.engine.program.output import reported
from webstack.engine.program.process_state import restored
from webstack.engine.project.project import Project
from webstack.engine.sdk.postponing import file_of

_ENGINE = __name__.rpartition(".")[0]
_MOMENT = 2.0  # seconds
# What the SDK says of an option that the engine does not announce as one of its own.
_REFUSAL: Final = re.compile(r"The Pulumi CLI does not support (.+)\. Please update the Pulumi CLI")


@contextmanager
def surroundings(project: Project, observe: Observer) -> Iterator[None]:
    """Set working directory, arguments and import path for every phase that runs program code.

    Relative paths start from its folder, as under the CLI; its modules can be imported, and are
    forgotten in the end, so that another run reads them anew; what it prints becomes messages;
    and the process is left as it was found.
    """
    folder = _folder(project.main.resolve())
    with (
        _place(project),
        _compiling(project),
        _forgetting(project),
        reported(observe),
        restored(lambda file: _is_program(Path(file), folder)),
        archiving_here(),
    ):
        yield


def run(project: Project, runner: Callable[[Callable[[], None]], None]) -> None:
    """Run the program through ``runner``; raises ProgramError with the traceback."""
    main = project.main.resolve()
    try:
        runner(lambda: _execute(main))
    except ProgramError:
        raise
    except EngineError as error:
        raise ProgramError(str(error)) from error
    except Exception as error:
        if refused := _REFUSAL.search(str(error)):
            raise ProgramError(str(UnsupportedError(f"the use of {refused[1]}"))) from error
        raise ProgramError(_message(error, main)) from error
    except SystemExit as error:
        if error.code not in (None, 0):
            raise ProgramError(f"Program exited with non-zero exit code: {error.code}") from error


def _execute(main: Path) -> None:
    runpy.run_path(str(main), run_name="__main__")


@contextmanager
def _place(project: Project) -> Iterator[None]:
    main = project.main.resolve()
    before, argv, path = Path.cwd(), sys.argv, list(sys.path)
    os.chdir(main if main.is_dir() else project.root)
    sys.argv = [str(main)]
    sys.path.insert(0, str(main if main.is_dir() else main.parent))
    _add_virtualenv(project)
    try:
        yield
    finally:
        os.chdir(before)
        sys.argv = argv
        sys.path[:] = path


def _add_virtualenv(project: Project) -> None:
    """Let the program import from the project's virtualenv, when this is not its Python."""
    if project.virtualenv is None or Path(sys.prefix).resolve() == project.virtualenv.resolve():
        return
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    packages = project.virtualenv / "lib" / version / "site-packages"
    if packages.is_dir():
        site.addsitedir(str(packages))


@contextmanager
def _compiling(project: Project) -> Iterator[None]:
    """Keep no bytecode of a program that was edited within the last moments.

    Python knows it by its size and the second of its last change, so that another edit within
    that second would not be seen.
    """
    before = sys.dont_write_bytecode
    sys.dont_write_bytecode = before or _just_edited(project)
    try:
        yield
    finally:
        sys.dont_write_bytecode = before


def _just_edited(project: Project) -> bool:
    lately = time.time() - _MOMENT
    folder = _folder(project.main)
    return any(path.stat().st_mtime > lately for path in _sources(folder))


def _sources(folder: Path) -> Iterator[Path]:
    for at, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name[0] not in "._"]
        yield from (Path(at, name) for name in names if name.endswith(".py"))


@contextmanager
def _forgetting(project: Project) -> Iterator[None]:
    before = set(sys.modules)
    try:
        yield
    finally:
        for name in set(sys.modules) - before:
            if not _is_engine(name) and _belongs(project, name):
                del sys.modules[name]


def _is_engine(name: str) -> bool:
    return name == _ENGINE or name.startswith(f"{_ENGINE}.")


def _belongs(project: Project, name: str) -> bool:
    file = file_of(sys.modules[name])
    if not file:
        return False
    path = Path(file)
    inside = path.is_relative_to(project.root) or path.is_relative_to(project.main)
    return inside and "site-packages" not in path.parts


def _message(error: Exception, main: Path) -> str:
    frames = list(_user_frames(error.__traceback__, main))
    lines = ["Program failed with an unhandled exception:\n"]
    if frames:
        lines.append("Traceback (most recent call last):\n")
        lines += traceback.format_list(frames)
    lines += traceback.format_exception_only(error)
    return "".join(lines).rstrip("\n")


def _user_frames(trace: TracebackType | None, main: Path) -> Iterator[traceback.FrameSummary]:
    """Return the frames from the program's first one on; what the SDK raises later has none."""
    folder = _folder(main)
    inside = False
    for frame in traceback.extract_tb(trace):
        inside = inside or _is_program(Path(frame.filename), folder)
        if inside:
            yield frame


def _folder(main: Path) -> Path:
    return main if main.is_dir() else main.parent


def _is_program(file: Path, folder: Path) -> bool:
    ours = Path(__file__).resolve().parents[1]
    inside = file.is_relative_to(folder) and not file.is_relative_to(ours)
    return inside and "site-packages" not in file.parts
