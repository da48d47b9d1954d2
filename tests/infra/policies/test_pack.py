"""The Pulumi CLI's policy pack says what the program's own guard says."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PROJECT = """
name: pack
runtime: {name: python, options: {toolchain: pip, virtualenv: .venv}}
"""
PROGRAM = """
import pulumi
import pulumi_docker as docker

network = docker.Network("own", name="own")
harmless = {
    "image": f"own@sha256:{'0' * 64}",
    "user": network.name.apply(lambda _: "20000"),
    "memory": 64,
    "cpus": "0.5",
    "healthcheck": {"tests": ["CMD", "true"]},
    "envs": [pulumi.Output.secret("TOKEN=hush")],
}
docker.Container("good", **harmless)
docker.Container("bad", **{**harmless, "privileged": True, "envs": ["PASSWORD=hunter2"]})
docker.Container("warned", **harmless, ports=[{"internal": 80}])
socket = {"host_path": "/var/run/docker.sock", "container_path": "/s"}
docker.Container("free", **harmless, volumes=[socket])
"""


def test_it_imports_only_what_its_own_environment_has():
    """The pack's environment has neither Docker's client nor the writer of nginx.conf."""
    script = (
        "import sys; import infra.settings.files; from infra.policies.checking import all_policies;"
        "all_policies(); print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert {"infra", "msgspec", "webstack"} <= {*done.stdout.split()}
    assert not {"docker", "nginx", "proxy", "pulumi_docker"} & {*done.stdout.split()}


def pulumi(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the CLI on a state of its own."""
    environment = {
        **os.environ,
        "PULUMI_BACKEND_URL": f"file://{folder}",
        "PULUMI_CONFIG_PASSPHRASE": "x",
    }
    command = ["pulumi", *arguments, "--non-interactive"]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Write a program without a guard, and a copy of the pack with its environment beside it."""
    if shutil.which("pulumi") is None:
        pytest.skip("no pulumi on PATH")
    for package in ("infra", "webstack"):
        left_out = shutil.ignore_patterns(".venv", "__pycache__")
        shutil.copytree(ROOT / package, tmp_path / package, ignore=left_out)
    environment = tmp_path / "infra" / "policies" / ".venv"
    uv = [str(Path(sys.executable).with_name("uv"))]
    subprocess.run([*uv, "venv", "-q", environment], check=True)
    lock = tmp_path / "infra" / "policies" / "requirements.txt"
    subprocess.run(
        [*uv, "pip", "install", "-q", "--python", environment, "--require-hashes", "-r", lock],
        check=True,
    )
    (tmp_path / ".venv").symlink_to(ROOT / ".venv")
    (tmp_path / "Pulumi.yaml").write_text(PROJECT)
    (tmp_path / "__main__.py").write_text(PROGRAM)
    levels = "{published-port: advisory, socket-mount: off}"
    (tmp_path / "Pulumi.dev.yaml").write_text(f"config: {{webstack:policies: {levels}}}\n")
    assert pulumi(tmp_path, "stack", "init", "dev").returncode == 0
    return tmp_path


@pytest.mark.cli
def test_the_cli_reports_what_the_policies_say(project: Path):
    done = pulumi(project, "preview", "--stack", "dev", "--policy-pack", "infra/policies")
    said = done.stdout + done.stderr
    assert done.returncode != 0, said
    assert 'privileged: Container "bad" is privileged' in said
    assert 'plain-secret: Container "bad" has PASSWORD in plain text' in said
    assert 'published-port: Container "warned" publishes its port 80' in said
    assert "socket-mount:" not in said
    assert '"good"' not in said
    assert "hunter2" not in said
    assert "hush" not in said
