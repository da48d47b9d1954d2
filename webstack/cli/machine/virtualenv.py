"""Makes `.venv` from the hash-locked requirements, and knows when it is up to date."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from webstack.cli.machine.installer import Pip, fetch_uv, find_pip
from webstack.cli.machine.package_index import uv_environment
from webstack.cli.machine.shell import run
from webstack.cli.terminal.progress import Reporter

LOCKS = {False: "requirements.txt", True: "requirements-dev.txt"}
SETUP_LOCK = "requirements-setup.txt"

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
    """The project's virtual environment, with or without what developing needs."""

    project: Path
    dev: bool

    @property
    def home(self) -> Path:
        """Where it is; Pulumi.yaml names the same folder."""
        return self.project / ".venv"

    def is_current(self) -> bool:
        """Whether it was completed from these very locks by this Python, with this command."""
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
                pip = find_pip(cache, reporter)
                uv = fetch_uv(pip, self.project / SETUP_LOCK, cache, reporter)
                with reporter.step("Installing the Python packages"):
                    self._install(uv, pip)
                self._link_project()
                self._stamp.write_text(json.dumps(self._wanted()))

    def _install(self, uv: Path, pip: Pip) -> None:
        env = uv_environment(pip.settings(), os.environ)
        common = ("--no-config", "--no-python-downloads", "--system-certs", "-q")
        run(
            [str(uv), "venv", *common, "--clear", "--python", sys.executable, str(self.home)],
            env=env,
        )
        locks = (argument for lock in (LOCKS[self.dev], SETUP_LOCK) for argument in ("-r", lock))
        options = ("--require-hashes", "--no-deps", "--no-build", "--python", str(self._python))
        run([str(uv), "pip", "install", *common, *options, *locks], env=env, cwd=self.project)

    def _link_project(self) -> None:
        """Put the project's packages on the path, and its command beside the interpreter.

        What `pip install -e .` does, without the build tools that it needs.
        """
        for site in self.home.glob("lib/python*/site-packages"):
            (site / "_webstack.pth").write_text(PATH)
        command = self.home / "bin/webstack"
        command.write_text(COMMAND)
        command.chmod(0o755)

    def _wanted(self) -> dict[str, str]:
        names = {SETUP_LOCK, LOCKS[False], LOCKS[self.dev]}
        wanted = {name: _digest(self.project / name) for name in names}
        wanted["command"] = hashlib.sha256(COMMAND.encode()).hexdigest()
        return wanted | {"python": os.path.realpath(self._python, strict=True)}

    @property
    def _python(self) -> Path:
        return self.home / "bin/python"

    @property
    def _stamp(self) -> Path:
        return self.home / "webstack.json"


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
