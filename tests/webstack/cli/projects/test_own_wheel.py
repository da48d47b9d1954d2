from __future__ import annotations

import sys
import zipfile
from importlib.metadata import Distribution
from pathlib import Path

import pytest

import webstack
from webstack.cli.projects import own_wheel
from webstack.cli.projects.tool_wheel import ToolWheel

FILES = {
    "webstack/__init__.py": "",
    "webstack/template/Pulumi.yaml": "name: @NAME@\n",
    "webstack/template/.ci/run": "#!/bin/sh\n",
    "webstack-1.2.3.dist-info/METADATA": "Name: webstack\nVersion: 1.2.3\n",
    "webstack-1.2.3.data/data/share/webstack/proxy/Dockerfile": "FROM x\n",
}


def original(folder: Path) -> Path:
    """Make a wheel as a build makes it."""
    wheel = folder / "webstack-1.2.3-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, text in FILES.items():
            own_wheel._write(archive, name, text.encode(), executable=name.endswith("run"))
        record = "".join(f"{name},,\n" for name in FILES)
        archive.writestr("webstack-1.2.3.dist-info/RECORD", record)
    return wheel


def installed(wheel: Path, prefix: Path) -> Distribution:
    """Unpack a wheel as an installer does, with the files that it adds."""
    site = prefix / "lib/python3/site-packages"
    data = "webstack-1.2.3.data/data/"
    recorded = []
    with zipfile.ZipFile(wheel) as archive:
        for entry in archive.infolist():
            name = entry.filename
            path = prefix / name.removeprefix(data) if name.startswith(data) else site / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(archive.read(entry))
            path.chmod(0o755 if entry.external_attr >> 16 & 0o111 else 0o644)
            recorded.append(
                f"../../../{name.removeprefix(data)}"
                if path.is_relative_to(prefix / "share")
                else name
            )
    for added in ("webstack-1.2.3.dist-info/INSTALLER", "../../../bin/webstack",
                  "webstack/__pycache__/__init__.cpython-311.pyc"):  # fmt: skip
        (site / added).parent.mkdir(parents=True, exist_ok=True)
        (site / added).write_text("added")
        recorded.append(added)
    record = site / "webstack-1.2.3.dist-info/RECORD"
    record.write_text("".join(f"{name},,\n" for name in recorded))
    return Distribution.at(record.parent)


def content(wheel: Path) -> dict[str, tuple[bytes, bool]]:
    with zipfile.ZipFile(wheel) as archive:
        return {
            entry.filename: (archive.read(entry), bool(entry.external_attr >> 16 & 0o111))
            for entry in archive.infolist()
            if not entry.filename.endswith("RECORD")
        }


def test_what_is_installed_is_packed_as_its_wheel_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    wheel = original(tmp_path)
    prefix = tmp_path / "venv"
    there = installed(wheel, prefix)
    monkeypatch.setattr(sys, "prefix", str(prefix))
    (tmp_path / "again").mkdir()
    packed = own_wheel._packed(there, tmp_path / "again")
    assert packed.name == wheel.name
    assert content(packed) == content(wheel)
    made = ToolWheel(packed)
    assert made.version == "1.2.3"
    assert made.project("shop", proxy=True)["proxy/Dockerfile"].content == b"FROM x\n"
    first = packed.read_bytes()
    assert own_wheel._packed(there, tmp_path / "again").read_bytes() == first


def test_one_that_runs_from_its_wheel_is_that_wheel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    wheel = original(tmp_path)
    monkeypatch.setattr(webstack, "__file__", str(wheel / "webstack/__init__.py"))
    assert own_wheel.own_wheel(tmp_path) == wheel


def test_a_checkout_s_wheel_is_built_beside_it_with_the_same_bytes_each_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "checkout/webstack").mkdir(parents=True)
    (tmp_path / "checkout/pyproject.toml").touch()
    monkeypatch.setattr(webstack, "__file__", str(tmp_path / "checkout/webstack/__init__.py"))
    seen = []

    def run(argv: list[str], *, env: dict[str, str], cwd: Path) -> None:
        places = Path(env["DIST_EXTRA_CONFIG"]).read_text()
        seen.append((cwd, env["SOURCE_DATE_EPOCH"], str(tmp_path / "scratch") in places))
        original(tmp_path / "scratch")

    monkeypatch.setattr(own_wheel, "run", run)
    (tmp_path / "scratch").mkdir()
    assert ToolWheel(own_wheel.own_wheel(tmp_path / "scratch")).version == "1.2.3"
    assert seen == [(tmp_path / "checkout", "315532800", True)]
