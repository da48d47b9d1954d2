"""Makes `.venv` from the hash-locked requirements, and knows when it is up to date."""

from __future__ import annotations

import fcntl
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from webstack.cli.machine.installer import PIP_OPTIONS, Pip, fetch_uv, find_pip
from webstack.cli.machine.package_index import uv_environment
from webstack.cli.machine.shell import CommandError, run
from webstack.cli.machine.tool_sources import WHEELHOUSE, digest, tool_of
from webstack.cli.terminal.progress import Reporter

# The folder that holds the environment: also after a move, and also where the Pulumi CLI starts
# its Python through the link `infra/.venv`.
PATH = "import os, sys; sys.path.append(os.path.dirname(os.path.realpath(sys.prefix)))\n"

# Runs with the interpreter beside it, wherever the project is moved, blanks in its path or not.
COMMAND = """\
#!/bin/sh
'''exec' "$(dirname -- "$(realpath -- "$0")")/python" "$0" "$@"
' '''
import sys
from webstack.cli.main import main
sys.exit(main())
"""


@dataclass(frozen=True)
class Virtualenv:
    """Makes the project's virtual environment, with or without what developing needs."""

    project: Path
    dev: bool

    @property
    def home(self) -> Path:
        """Return where it is; Pulumi.yaml names the same folder."""
        return self.project / ".venv"

    def is_current(self) -> bool:
        """Tell whether it was completed from these very locks by this Python, with this command."""
        with suppress(OSError, ValueError):
            stamp = json.loads(self._stamp.read_text())
            return bool(self._wanted().items() <= stamp.items())
        return False

    def make(self, reporter: Reporter) -> None:
        """Make it anew unless it is current; one that is half made is replaced."""
        cache = self.project / ".cache/setup"
        cache.mkdir(parents=True, exist_ok=True)
        with _locked(cache / "lock"):
            if self.is_current():
                self._stamp.touch()  # the Makefile compares its time with the locks'
            else:
                house = wheelhouse(self.project)
                pip = find_pip(cache, reporter)
                lock = tool_of(self.project).setup_lock(cache)
                uv = fetch_uv(pip, lock, cache, reporter, house)
                with reporter.step("Installing the Python packages"):
                    self._install(uv, pip, cache, house)
                self._link_project()
                self._stamp.write_text(json.dumps(self._wanted()))

    def _install(self, uv: Path, pip: Pip, cache: Path, house: Sequence[str]) -> None:
        env = uv_environment(pip.settings(), os.environ)
        common = ("--no-config", "--no-python-downloads", "--system-certs", "-q")
        run(
            [str(uv), "venv", *common, "--clear", "--python", sys.executable, str(self.home)],
            env=env,
        )
        tool = tool_of(self.project)
        locks = (argument for lock in tool.locks(self.dev, cache) for argument in ("-r", lock))
        options = ("--no-deps", "--no-build", "--python", str(self._python))
        install = [str(uv), "pip", "install", *common, *options]
        self._with_or_without_network([*install, "--require-hashes", *house, *locks], env)
        if tool.wheel:
            run([*install, "--offline", str(tool.wheel)], env=env, cwd=self.project)

    def _with_or_without_network(self, install: Sequence[str], env: Mapping[str, str]) -> None:
        """Install; where the index does not answer, from what uv has kept of earlier ones."""
        try:
            run(install, env=env, cwd=self.project)
        except CommandError as error:
            try:
                run([*install, "--offline"], env=env, cwd=self.project)
            except CommandError:
                raise error from None

    def _link_project(self) -> None:
        """Put the project's packages on the path, and its command beside the interpreter.

        What `pip install -e .` does, without the build tools that it needs. An installed tool's
        pages get a short path.
        """
        for site in self.home.glob("lib/python*/site-packages"):
            (site / "_webstack.pth").write_text(PATH)
            if (site / "webstack/docs").is_dir():
                (self.home / "docs").symlink_to((site / "webstack/docs").relative_to(self.home))
        command = self.home / "bin/webstack"
        command.write_text(COMMAND)
        command.chmod(0o755)

    def _wanted(self) -> dict[str, str]:
        contents = tool_of(self.project).contents(self.dev)
        wanted = {name: digest(content) for name, content in contents}
        wanted["command"] = digest(COMMAND.encode())
        return wanted | {"python": os.path.realpath(self._python, strict=True)}

    @property
    def _python(self) -> Path:
        return self.home / "bin/python"

    @property
    def _stamp(self) -> Path:
        return self.home / "webstack.json"


def wheelhouse(project: Path) -> tuple[str, ...]:
    """Give the options for pip and uv by which a project's own wheelhouse stands for any index."""
    folder = project / WHEELHOUSE
    return ("--no-index", "--find-links", str(folder)) if folder.is_dir() else ()


def fill_wheelhouse(project: Path, reporter: Reporter) -> None:
    """Keep every locked package in the project's wheelhouse, for this Python and platform."""
    fetch_wheels(project, project / WHEELHOUSE, reporter, dev=True)


def fetch_wheels(
    project: Path, folder: Path, reporter: Reporter, *, dev: bool, python: str | None = None
) -> None:
    """Put every locked package into a folder: for this Python, or the version that is named."""
    cache = project / ".cache/setup"
    cache.mkdir(parents=True, exist_ok=True)
    pip = find_pip(cache, reporter)
    locks = (str(word) for lock in tool_of(project).locks(dev, cache) for word in ("-r", lock))
    version = ("--python-version", python) if python else ()
    where = ("-d", str(folder), *wheelhouse(project))
    with reporter.step("Fetching all Python packages"):
        pip.run("download", "-q", *PIP_OPTIONS, *version, *where, *locks, cwd=project)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
