"""Resources are registered as by the classes of pulumi-docker, whose import would take too long."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pulumi
import pulumi_docker as docker
import pytest
from google.protobuf.json_format import MessageToDict
from pulumi.runtime import mocks, set_mocks
from pulumi.runtime import settings as sdk

from infra.model.container_arguments import arguments
from infra.model.specs import Build, Container, Health, Image, Mount, Network, Published
from infra.runtime.containers import hardened_container
from infra.runtime.images import ServiceImage
from infra.runtime.networks import Networks
from infra.runtime.volumes import volume
from tests.infra.releases import STACK

LEAST = Container(
    "c", "image:1", "1:1", 0.5, 64, 32, 5, dropped_capabilities=(), log_options={}, read_only=False
)
MOST = replace(
    LEAST,
    read_only=True,
    dropped_capabilities=("ALL",),
    log_options={"max-size": "10m", "max_file": "3"},
    command=("run", ""),
    environment={"A_B": "c_d"},
    mounts=(
        Mount("/a_b", volume="v_1", read_only=True),
        Mount("/c", volume="other"),
        Mount("/d", folder="/srv/x_y", read_only=True),
    ),
    tmpfs={"/tmp_x": "size=1m"},
    networks=("edge", "internal"),
    published=(Published("127.0.0.1", 8080, 80),),
    health=Health(("CMD", "true"), 15, 2, 3, 60),
    labels={"a_b": "c"},
    groups=("10", "20"),
    aliases=("known_as",),
    started_by_release=True,
)
NETWORK = Network("edge-1", "n", True, "bridge", {"com.x_y": "1"}, {"l_1": "v"})
IMAGE = Image("shop", "shop:1", {}, Build("services/shop", {"UID_X": "1"}, "Dockerfile.x", "stage"))
PLAIN = Image("shop", "shop:1", {}, Build("services/shop", {}))
PULLED = Image("redis", "redis:1", pulled=True)


class Recorder(mocks.MockMonitor):
    def __init__(self) -> None:
        super().__init__(Echo())
        self.requests: list[Any] = []

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 - the protocol's name
        if request.type.startswith("docker:"):
            said = MessageToDict(request)
            # Where in the program it stands.
            self.requests.append(
                {k: v for k, v in said.items() if k not in ("sourcePosition", "stackTrace")}
            )
        return super().RegisterResource(request)


class Echo(pulumi.runtime.Mocks):
    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        return f"{args.name}-id", args.inputs

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[str, Any], None]:
        return {}, None


@pytest.fixture
def registered(
    event_loop: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[Callable[[], object]], list[Any]]]:
    """Give the requests of a program that declares something."""
    import asyncio

    asyncio.set_event_loop(event_loop)
    monkeypatch.setattr(pulumi, "get_root_directory", lambda: ".")

    def run(program: Callable[[], object]) -> list[Any]:
        recorder = Recorder()
        set_mocks(recorder.mocks, project="p", stack="s", preview=False, monitor=recorder)
        pulumi.runtime.test(lambda: program() and None)()
        return recorder.requests

    yield run
    sdk.reset_options()


@pytest.mark.parametrize("made", [LEAST, MOST], ids=["least", "most"])
@pytest.mark.parametrize("keeps_name", [False, True])
def test_a_container(registered, made, keeps_name):
    names = {"edge": "e", "internal": pulumi.Output.from_input("i")}
    secrets = {"KEY": pulumi.Output.secret("hush")}
    volumes = {"v_1": pulumi.Output.from_input("real")}
    opts = pulumi.ResourceOptions(aliases=[pulumi.Alias(name="former")], protect=True)

    def ours() -> object:
        return hardened_container("r", made, names, volumes, secrets, opts, keeps_name=keeps_name)

    def theirs() -> object:
        given = arguments(made)
        given["envs"] = [*given.get("envs", ()), pulumi.Output.concat("KEY", "=", secrets["KEY"])]
        for each in given.get("volumes", ()):
            each["volume_name"] = volumes.get(each["volume_name"], each["volume_name"])
        for each in given.get("networks_advanced", ()):
            each["name"] = names[each["name"]]
        ignored = pulumi.ResourceOptions(ignore_changes=None if keeps_name else ["envs"])
        return docker.Container("r", **given, opts=pulumi.ResourceOptions.merge(opts, ignored))

    assert registered(ours) == registered(theirs) != []


@pytest.mark.parametrize("options", [None, {"type": "tmpfs", "o": "size=1m"}])
def test_a_volume(registered, options):
    owner = pulumi.Output.from_input("me")

    def theirs() -> object:
        labels = {**STACK.labels, "webstack.owner": owner}
        return docker.Volume(
            "r",
            name="n",
            driver="local",
            driver_opts=options,
            labels=[docker.VolumeLabelArgs(label=k, value=v) for k, v in labels.items()],
            opts=pulumi.ResourceOptions(protect=True, ignore_changes=["name", "labels"]),
        )

    def ours() -> object:
        return volume("r", "n", STACK, owner, pulumi.ResourceOptions(protect=True), options)

    assert registered(ours) == registered(theirs) != []


@pytest.mark.parametrize("made", [NETWORK, replace(NETWORK, internal=False, options={}, labels={})])
def test_a_network(registered, made):
    class Theirs(pulumi.ComponentResource):
        def __init__(self) -> None:
            super().__init__("webstack:network:Networks", "networks")
            docker.Network(
                made.resource,
                name=made.name,
                internal=made.internal or None,
                driver=made.driver,
                options=dict(made.options) or None,
                labels=[docker.NetworkLabelArgs(label=k, value=v) for k, v in made.labels.items()],
                opts=pulumi.ResourceOptions(parent=self),
            )

    assert registered(lambda: Networks([made])) == registered(Theirs) != []


@pytest.mark.parametrize("made", [IMAGE, PLAIN, PULLED], ids=["most", "least", "pulled"])
def test_an_image(registered, made):
    class Theirs(pulumi.ComponentResource):
        def __init__(self) -> None:
            super().__init__("webstack:image:ServiceImage", made.name)
            child = pulumi.ResourceOptions(parent=self)
            if made.build:
                docker.Image(
                    made.name,
                    image_name=made.reference,
                    skip_push=True,
                    build=docker.DockerBuildArgs(
                        context=made.build.context,
                        dockerfile=made.build.dockerfile or f"{made.build.context}/Dockerfile",
                        args=dict(made.build.arguments),
                        target=made.build.target,
                    ),
                    opts=child,
                )
            else:
                docker.RemoteImage(made.name, name=made.reference, keep_locally=True, opts=child)

    assert registered(lambda: ServiceImage(made)) == registered(Theirs) != []


def test_the_package_itself_is_not_imported():
    code = "import sys, infra.stack; print('pulumi_docker' in sys.modules, 'docker' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
