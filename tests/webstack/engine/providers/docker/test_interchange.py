"""Programs with many properties, run by the engine and by the Pulumi CLI in turn."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

from tests.webstack.engine.providers.docker.test_on_docker import (
    api,  # noqa: F401 - a fixture
    base,  # noqa: F401 - a fixture
)

pytestmark = pytest.mark.docker

ROOT = Path(__file__).parents[5]
PROGRAM = """
import os
import pulumi
import pulumi_docker as docker

config = pulumi.Config()
prefix, base = os.environ["PREFIX"], os.environ["BASE"]
mode = config.get("mode") or "plain"
label = [docker.ContainerLabelArgs(label="z", value="1"), docker.ContainerLabelArgs(label="a", value="2")]

net = docker.Network("net", name=f"{prefix}-net", internal=True,
    ipam_configs=[docker.NetworkIpamConfigArgs(subnet="10.213.0.0/24")],
    labels=[docker.NetworkLabelArgs(label="z", value="1"), docker.NetworkLabelArgs(label="a", value="2")])
other = docker.Network("other", name=f"{prefix}-other")
data = docker.Volume("data", name=f"{prefix}-data")
auto = docker.Volume("wsprov-auto")
local = docker.RemoteImage("base", name=base, keep_locally=True)
image = docker.Image("app", image_name=f"{prefix}-app:1", skip_push=True, build=docker.DockerBuildArgs(
    context="app", platform="linux/amd64", args={"BASE": base}, builder_version="BuilderV1"))
tag = docker.Tag("tag", source_image=image.image_name, target_image=f"{prefix}-app:2")
plain = docker.Container("wsprov-plain", image=local.image_id, command=["/bin/sleep", "1000"])
full = docker.Container("full", name=f"{prefix}-full", image=image.repo_digest,
    user="1000:1000", working_dir="/tmp", read_only=True, tmpfs={"/run": "size=1m"}, memory=64,
    capabilities=docker.ContainerCapabilitiesArgs(drops=["ALL"], adds=["NET_BIND_SERVICE"]),
    cpus="1", cpu_shares=512, security_opts=["no-new-privileges"], restart="unless-stopped",
    ulimits=[docker.ContainerUlimitArgs(name="nofile", soft=99, hard=99)], shm_size=8, init=True,
    sysctls={"net.core.somaxconn": "512"}, log_opts={"max-size": "1m", "max-file": "2"},
    healthcheck=docker.ContainerHealthcheckArgs(tests=["CMD", "/bin/true"], interval="90s", timeout="2s"),
    envs=[pulumi.Output.concat("TOKEN=", config.require_secret("token")), f"MODE={mode}", "A=1"],
    labels=label, destroy_grace_seconds=1, hostname="web", dns=["10.0.0.2"], group_adds=["4"],
    networks_advanced=[docker.ContainerNetworksAdvancedArgs(name=net.name, aliases=["www", "app"]),
                       docker.ContainerNetworksAdvancedArgs(name=other.name)],
    ports=[docker.ContainerPortArgs(internal=8080, ip="127.0.0.1"), docker.ContainerPortArgs(internal=8443, ip="127.0.0.1")],
    volumes=[docker.ContainerVolumeArgs(volume_name=data.name, container_path="/data", read_only=True),
             docker.ContainerVolumeArgs(host_path="/usr/share", container_path="/share", read_only=True)],
    mounts=[docker.ContainerMountArgs(type="volume", source=auto.name, target="/auto"),
            docker.ContainerMountArgs(type="tmpfs", target="/m",
                tmpfs_options=docker.ContainerMountTmpfsOptionsArgs(size_bytes=4096))],
    hosts=[docker.ContainerHostArgs(host="db", ip="10.0.0.3")], stop_signal="SIGQUIT", stop_timeout=3)
joined = docker.Container("joined", name=f"{prefix}-joined", image=local.name, command=["/bin/sleep", "1000"],
    network_mode=plain.id.apply(lambda id: f"container:{id}"),
    uploads=[docker.ContainerUploadArgs(file="/etc/a", content=mode), docker.ContainerUploadArgs(
        file="/etc/b", content_base64="AP8=", executable=True)])
found = docker.get_network_output(name=net.name)
pulumi.export("found", found.driver)
pulumi.export("id", full.id)
"""  # noqa: E501 - a program of its own
RUN = """
import sys
from pathlib import Path
from webstack.engine.operations import operations, stacks
project = operations.Project.load(Path.cwd())
if sys.argv[1] == "init":
    sys.exit(stacks.init(project, "dev"))
options = operations.RunOptions(expect_no_changes="--expect-no-changes" in sys.argv)
outcome = getattr(operations, sys.argv[1])(project, "dev", options)
for diagnostic in outcome.diagnostics:
    print(diagnostic, file=sys.stderr)
print(dict(outcome.counts), [(step.op, step.urn) for step in outcome.steps if step.op != "same"])
sys.exit(outcome.exit_code)
"""


class Stack:
    """A project folder; the engine or the CLI does what is asked."""

    def __init__(self, folder: Path, base: str, program: str) -> None:  # noqa: F811
        self.folder = folder
        self.prefix = f"wsprov-{uuid.uuid4().hex[:8]}"
        self.environ = {
            **os.environ,
            "BASE": base,
            "PREFIX": self.prefix,
            "PULUMI_BACKEND_URL": f"file://{folder}/state",
            "PULUMI_CONFIG_PASSPHRASE": "",
            "PULUMI_SKIP_UPDATE_CHECK": "1",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PYTHONPATH": str(ROOT),
        }
        (folder / "app").mkdir()
        (folder / "state").mkdir()
        (folder / "app" / "Dockerfile").write_text(
            'ARG BASE\nFROM ${BASE}\nUSER 1000\nWORKDIR /srv\nCOPY . /srv/\nCMD ["sleep", "1000"]\n'
        )
        (folder / "Pulumi.yaml").write_text(
            "name: wsprov\nruntime:\n  name: python\n  options:\n    toolchain: pip\n"
            f"    virtualenv: {sys.prefix}\n"
        )
        (folder / "__main__.py").write_text(program)
        self.set("plain")
        self.engine("init")

    def set(self, mode: str) -> None:
        """Write the stack's settings; the salt is kept."""
        path = self.folder / "Pulumi.dev.yaml"
        salt = [
            line
            for line in (path.read_text() if path.exists() else "").splitlines()
            if line.startswith("encryptionsalt")
        ]
        lines = [*salt, "config:", "  wsprov:token: hush", f"  wsprov:mode: {mode}"]
        path.write_text("\n".join(lines) + "\n")

    def engine(self, *arguments: str) -> str:
        return self.run([sys.executable, "-c", RUN, *arguments])

    def cli(self, *arguments: str) -> str:
        return self.run(["pulumi", *arguments, "--stack", "dev", "--non-interactive"])

    def run(self, command: list[str]) -> str:
        done = subprocess.run(
            command, cwd=self.folder, env=self.environ, capture_output=True, text=True
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def resources(self) -> dict[str, dict]:
        text = (self.folder / "state/.pulumi/stacks/wsprov/dev.json").read_text()
        resources = json.loads(text)["checkpoint"]["latest"].get("resources", [])
        return {item["urn"].rpartition("::")[2]: item for item in resources}


@pytest.fixture
def stack(tmp_path, base, api):  # noqa: F811 - the fixtures
    stack = Stack(tmp_path, base, PROGRAM)
    yield stack
    stack.engine("destroy")
    for tag in ("1", "2"):
        api.call("DELETE", f"/images/{stack.prefix}-app:{tag}", query={"force": "true"})


def test_the_engine_alone(stack, api):  # noqa: F811 - the fixture
    """The resources are made once and unchanged twice; a removed one comes back."""
    stack.engine("up")
    stack.engine("up", "--expect-no-changes")
    stack.engine("refresh", "--expect-no-changes")
    stack.engine("preview", "--expect-no-changes")

    api.call("DELETE", f"/containers/{stack.prefix}-full", query={"force": "true"})
    stack.engine("refresh")
    stack.engine("up")

    assert api.call("GET", f"/containers/{stack.prefix}-full/json")["State"]["Running"]
    assert "hush" not in json.dumps(stack.resources()["full"])


needs_cli = pytest.mark.skipif(shutil.which("pulumi") is None, reason="no Pulumi CLI on PATH")


@pytest.mark.cli
@needs_cli
def test_the_cli_finds_nothing_to_change_after_the_engine(stack):
    """The same holds after a change that the engine made, in place and by replacement."""
    stack.engine("up")
    stack.cli("preview", "--expect-no-changes", "--diff")
    stack.set("fancy")
    stack.engine("up")
    stack.cli("up", "--expect-no-changes", "--yes", "--skip-preview")
    stack.engine("preview", "--expect-no-changes")
    stack.set("plain")
    stack.cli("up", "--yes", "--skip-preview")
    stack.engine("preview", "--expect-no-changes")


@pytest.mark.cli
@needs_cli
def test_the_engine_finds_nothing_to_change_after_the_cli(stack):
    """Both store the same inputs, and the same outputs except those that are new each time."""
    stack.cli("up", "--yes", "--skip-preview")
    theirs = stack.resources()
    stack.engine("preview", "--expect-no-changes")
    stack.engine("refresh")
    stack.engine("up", "--expect-no-changes")
    stack.engine("destroy")
    stack.engine("up")
    ours = stack.resources()

    for name, resource in theirs.items():
        assert set(plain_outputs(resource)) == set(plain_outputs(ours[name])), name
        assert resource.get("id") is None or type(resource["id"]) is type(ours[name]["id"])


def plain_outputs(resource: dict) -> dict:
    return {
        key: value
        for key, value in resource.get("outputs", {}).items()
        if not key.startswith("__") or key == "__inputs"
    }
