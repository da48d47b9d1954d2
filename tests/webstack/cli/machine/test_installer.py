import subprocess
import sys
import zipfile

import pytest

from webstack.cli.machine import installer
from webstack.cli.machine.installer import fetch_uv, find_pip
from webstack.cli.terminal.errors import OpsError
from webstack.cli.terminal.progress import Quiet


class FakePip:
    """Installs uv into the folder it is told, or fails half-way."""

    def __init__(self, *, failing=False):
        self.failing = failing
        self.runs = 0

    def run(self, *arguments):
        self.runs += 1
        target = arguments[arguments.index("--target") + 1]
        binary = f"{target}/bin/uv"
        subprocess.run(["install", "-D", "/dev/null", binary], check=True)
        if self.failing:
            raise OpsError("the connection broke")


@pytest.fixture
def lock(tmp_path):
    path = tmp_path / "requirements-setup.txt"
    path.write_text("pip==26.3 \\\n    --hash=sha256:00\nuv==0.13.8 \\\n    --hash=sha256:11\n")
    return path


def test_the_installer_is_fetched_once_per_locked_version(lock, tmp_path):
    pip = FakePip()
    for _ in range(2):
        assert fetch_uv(pip, lock, tmp_path, Quiet()) == tmp_path / "uv-0.13.8/bin/uv"
    assert pip.runs == 1
    lock.write_text(lock.read_text().replace("0.13.8", "0.13.9"))
    fetch_uv(pip, lock, tmp_path, Quiet())
    assert pip.runs == 2


def test_a_download_that_broke_off_is_not_taken_for_the_installer(lock, tmp_path):
    with pytest.raises(OpsError):
        fetch_uv(FakePip(failing=True), lock, tmp_path, Quiet())
    pip = FakePip()
    fetch_uv(pip, lock, tmp_path, Quiet())
    assert pip.runs == 1


def test_a_lock_without_the_installer_is_refused(tmp_path):
    lock = tmp_path / "requirements-setup.txt"
    lock.write_text("pip==26.3\n")
    with pytest.raises(OpsError, match="locks no uv"):
        fetch_uv(FakePip(), lock, tmp_path, Quiet())


def test_the_pip_that_comes_with_python_serves_where_none_is_installed(tmp_path, monkeypatch):
    """Debian's python3 has no pip, but python3-venv brings a wheel of pip."""
    wheel = tmp_path / "pip-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("pip/__init__.py", "")
        archive.writestr("pip/__main__.py", "print('settings')")
    monkeypatch.setattr(installer.importlib.util, "find_spec", lambda _: None)
    monkeypatch.setattr(installer, "_bundled_wheel", lambda: wheel)
    assert find_pip(tmp_path, Quiet()).settings() == "settings\n"


def test_without_any_pip_the_distributions_package_is_installed_first(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(installer.importlib.util, "find_spec", lambda _: None)
    monkeypatch.setattr(installer, "_bundled_wheel", lambda: None)
    monkeypatch.setattr(installer, "install", lambda what, *_: asked.append(what))
    with pytest.raises(OpsError, match="neither pip nor ensurepip"):
        find_pip(tmp_path, Quiet())
    assert asked == ["pip"]


def test_this_pythons_own_pip_is_found():
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import webstack.cli.machine.installer as i; print(i._bundled_wheel())",
        ],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
