"""The provider's objects really exist on the daemon; the name of each begins with ``wsprov-``."""

from __future__ import annotations

import io
import os
import shutil
import socket
import subprocess
import tarfile
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from webstack.docker.daemon_host import find_host
from webstack.engine.model.provider import PartialFailure, ProviderError
from webstack.engine.model.values import for_provider
from webstack.engine.providers.docker import DockerProvider
from webstack.engine.providers.docker.client.api import DaemonRefusedError, inspect
from webstack.engine.providers.docker.client.connection import Connection

pytestmark = pytest.mark.docker

CONTAINER = "docker:index/container:Container"
IMAGE = "docker:index/image:Image"
CONFIG = "docker:index/serviceConfig:ServiceConfig"
NETWORK = "docker:index/network:Network"
REMOTE_IMAGE = "docker:index/remoteImage:RemoteImage"
SECRET = "docker:index/secret:Secret"
SERVICE = "docker:index/service:Service"
TAG = "docker:index/tag:Tag"
VOLUME = "docker:index/volume:Volume"
BASE = f"wsprov-base:{uuid.uuid4().hex[:8]}"


@pytest.fixture(scope="module")
def api():
    connection = Connection(lambda: find_host({}, os.environ))
    yield connection
    connection.close()


@pytest.fixture(scope="module")
def base(api):
    """Make a small image of this machine's own shell, so that no registry is needed."""
    repository, _, tag = BASE.partition(":")
    query = {"fromSrc": "-", "repo": repository, "tag": tag}
    list(api.stream("/images/create", query=query, content=shell_archive()))
    yield BASE
    api.call("DELETE", f"/images/{BASE}", query={"force": "true"})


def shell_archive() -> bytes:
    programs = [os.path.realpath(shutil.which(name)) for name in ("sh", "sleep", "cat", "true")]
    lines = subprocess.run(["ldd", *programs], capture_output=True, text=True, check=True).stdout
    words = {word for line in lines.splitlines() for word in line.split()}
    libraries = {word for word in words if word.startswith("/") and not word.endswith(":")}
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", dereference=True) as tar:
        for program in programs:
            tar.add(program, f"bin/{Path(program).name}")
        tar.add(shutil.which("sh"), "bin/sh")
        for library in sorted(libraries):
            tar.add(library, library)
        for folder in ("etc", "tmp"):
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o1777
            tar.addfile(entry)
    return buffer.getvalue()


class Made:
    """Makes resources with names of their own, and takes away what is left at the end."""

    def __init__(self, base: str) -> None:
        self.told: list[str] = []
        self.provider = DockerProvider({}, lambda name, line: self.told.append(line))
        self.prefix = f"wsprov-{uuid.uuid4().hex[:8]}"
        self.base = base
        self._left: list[tuple] = []

    def check(self, type_, name, old=None, **program):
        wanted = {"name": f"{self.prefix}-{name}", **program}
        return for_provider(self.provider.check(type_, name, old, wanted))

    def container(self, name, command="sleep 1000", **program):
        defaults = {"image": self.base, "command": ["/bin/sh", "-c", command]}
        return self.make(CONTAINER, name, **{**defaults, **program})

    def make(self, type_, name, **program):
        inputs = self.check(type_, name, **program)
        try:
            instance = self.provider.create(type_, name, inputs, None)
        except PartialFailure as failure:
            self._left.append((type_, failure.instance.id, inputs, failure.instance.outputs))
            raise
        self._left.append((type_, instance.id, inputs, instance.outputs))
        return inputs, instance

    def delete(self, type_, instance, inputs):
        self.provider.delete(type_, instance.id, inputs, instance.outputs)

    def clean(self) -> None:
        order = [SERVICE, CONFIG, SECRET, CONTAINER, NETWORK, VOLUME]
        for type_, id_, inputs, outputs in sorted(
            (left for left in self._left if left[0] in order), key=lambda left: order.index(left[0])
        ):
            self.provider.delete(type_, id_, inputs, outputs)
        self.provider.close()


@pytest.fixture
def made(base):
    made = Made(base)
    yield made
    made.clean()


def test_what_was_made_needs_no_change_and_reads_back(made):
    """The network, the volume and the container have many properties each."""
    network = made.make(
        NETWORK, "net", labels=[{"label": "a", "value": "1"}], internal=True,
        ipamConfigs=[{"subnet": "10.211.0.0/24", "gateway": "10.211.0.9"}],
    )  # fmt: skip
    volume = made.make(VOLUME, "data", labels=[{"label": "a", "value": "1"}])
    container = made.container(
        "web",
        user="1000:1000", workingDir="/tmp", readOnly=True, tmpfs={"/run": "size=1m"}, memory=64,
        capabilities={"drops": ["ALL"], "adds": ["NET_BIND_SERVICE"]}, cpus="0.5", cpuShares=512,
        securityOpts=["no-new-privileges"], ulimits=[{"name": "nofile", "soft": 99, "hard": 99}],
        sysctls={"net.core.somaxconn": "512"}, logOpts={"max-size": "1m"}, restart="on-failure",
        healthcheck={"tests": ["CMD", "/bin/true"], "interval": "90s"}, envs=["B=2", "A=1"],
        labels=[{"label": "b", "value": "2"}, {"label": "a", "value": "1"}], destroyGraceSeconds=1,
        networksAdvanced=[{"name": network[1].outputs["name"], "aliases": ["www", "app"]}],
        volumes=[{"volumeName": volume[1].id, "containerPath": "/data"}],
        mounts=[{"type": "tmpfs", "target": "/m", "tmpfsOptions": {"sizeBytes": 4096}}],
        hosts=[{"host": "db", "ip": "10.0.0.3"}], dns=["10.0.0.2"], groupAdds=["4"], shmSize=8,
        uploads=[], stopSignal="SIGQUIT", init=True, hostname="web",
    )  # fmt: skip

    for type_, (inputs, instance) in zip(
        (NETWORK, VOLUME, CONTAINER), (network, volume, container), strict=True
    ):
        found = made.provider.diff(type_, instance.id, inputs, instance.outputs, inputs)
        assert found.changes == ()
        read = made.provider.read(type_, instance.id, inputs, instance.outputs)
        assert read.outputs == instance.outputs
        assert read.inputs == inputs
        again = made.provider.find(type_, "x", inputs)
        assert (again.id, again.inputs) == (instance.id, inputs)


def test_deletes_all_even_what_is_gone(made, api):
    network, volume = made.make(NETWORK, "net"), made.make(VOLUME, "data")
    container = made.container("web", networksAdvanced=[{"name": network[1].id}])
    api.call("DELETE", f"/containers/{container[1].id}", query={"force": "true"})

    for type_, (inputs, instance) in (
        (CONTAINER, container), (NETWORK, network), (VOLUME, volume),
    ):  # fmt: skip
        made.delete(type_, instance, inputs)
        assert made.provider.read(type_, instance.id, inputs, instance.outputs) is None
        made.delete(type_, instance, inputs)


def test_changes_limits_in_place(made, api):
    """The same container goes on with the new limits."""
    inputs, instance = made.container("web", memory=64)
    new = made.check(
        CONTAINER, "web", inputs, image=made.base, command=inputs["command"], memory=128,
        restart="always", cpuShares=256,
    )  # fmt: skip

    found = made.provider.diff(CONTAINER, instance.id, inputs, instance.outputs, new)
    outputs = made.provider.update(CONTAINER, instance.id, inputs, instance.outputs, new)

    assert {change.path for change in found.changes} == {"memory", "restart", "cpuShares"}
    host = api.call("GET", f"/containers/{instance.id}/json")["HostConfig"]
    assert (host["Memory"], host["CpuShares"]) == (128 * 2**20, 256)
    assert host["RestartPolicy"]["Name"] == "always"
    assert made.provider.diff(CONTAINER, instance.id, new, outputs, new).changes == ()


def test_starts_again_a_container_that_was_stopped(made, api):
    inputs, instance = made.container("web")
    api.call("POST", f"/containers/{instance.id}/kill")
    read = made.provider.read(CONTAINER, instance.id, inputs, instance.outputs)

    found = made.provider.diff(CONTAINER, instance.id, read.inputs, read.outputs, inputs)
    made.provider.update(CONTAINER, instance.id, read.inputs, read.outputs, inputs)

    assert [change.path for change in found.changes] == ["mustRun"]
    assert api.call("GET", f"/containers/{instance.id}/json")["State"]["Running"]


def test_uploads_are_there_when_it_starts(made, api):
    uploads = [
        {"file": "/etc/a.conf", "content": "grüße\n"},
        {"file": "/etc/run.sh", "contentBase64": "ZWNobyBydW4K", "executable": True},
        {"file": "/etc/key", "content": "k", "permissions": "0600"},
    ]

    _, instance = made.container(
        "web", "cat /etc/a.conf; /bin/sh /etc/run.sh", uploads=uploads, mustRun=False, attach=True,
        logs=True,
    )  # fmt: skip

    assert instance.outputs["containerLogs"] == "grüße\nrun\n"
    assert instance.outputs["exitCode"] == 0


def test_joins_the_network_of_another_container(made, api):
    """The other container is named by its id, which Docker then reports."""
    _, holder = made.container("holder")

    _, instance = made.container("web", networkMode=f"container:{holder.id}")

    assert instance.outputs["networkMode"] == f"container:{holder.id}"
    assert instance.outputs["networkDatas"] == []


def test_waits_for_health(made):
    _, instance = made.container(
        "web",
        "sleep 0.5; echo up > /tmp/up; sleep 1000",
        wait=True,
        healthcheck={"tests": ["CMD", "/bin/cat", "/tmp/up"], "interval": "500ms", "retries": 20},
    )

    assert instance.outputs["mustRun"]


def test_an_unhealthy_container_fails_at_once_and_is_replaced_next(made, api):
    health = {"tests": ["CMD-SHELL", "echo sorry; exit 1"], "interval": "200ms", "retries": 1}

    with pytest.raises(PartialFailure) as failure:
        made.container("web", wait=True, waitTimeout=50, healthcheck=health)

    assert "unhealthy\n    health check: sorry" in str(failure.value)
    outputs = failure.value.instance.outputs
    inputs = made.check(CONTAINER, "web", image=made.base, healthcheck=health, wait=True)
    found = made.provider.diff(CONTAINER, outputs["id"], inputs, outputs, inputs)
    assert any(change.replaces for change in found.changes)


def test_a_container_that_exits_at_once_fails_with_its_last_lines(made):
    with pytest.raises(PartialFailure) as failure:
        made.container("web", "echo one; echo two >&2; exit 3")

    message = str(failure.value)
    assert message.startswith(f"container {made.prefix}-web: exited with code 3\n    ")
    assert {"    one", "    two"} <= set(message.splitlines())


def test_a_taken_port_is_named(made):
    """A process of this machine has the port, and not Docker."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(PartialFailure, match=f"port {port} of the host is in use already"):
            made.container("web", ports=[{"internal": 80, "external": port, "ip": "127.0.0.1"}])


def test_a_port_of_dockers_choice_is_no_change(made):
    inputs, instance = made.container("web", ports=[{"internal": 80, "ip": "127.0.0.1"}])

    assert instance.outputs["ports"][0]["external"] > 0
    assert made.provider.diff(CONTAINER, "", inputs, instance.outputs, inputs).changes == ()


def test_a_second_network_or_container_of_one_name_is_refused(made):
    made.make(NETWORK, "net")
    made.container("web")

    with pytest.raises(ProviderError, match="another network has that name"):
        made.make(NETWORK, "net")
    with pytest.raises(ProviderError, match="another container has that name"):
        made.container("web")


def test_an_image_that_nobody_has_is_named(made):
    with pytest.raises(ProviderError, match=r"image localhost:1/nope:1 cannot be pulled"):
        made.container("web", image="localhost:1/nope:1")


def test_a_container_found_half_made_is_told_from_a_whole_one(made, api):
    inputs = made.check(CONTAINER, "web", image=made.base, command=["/bin/sleep", "1000"])
    body = {"Image": made.base, "Cmd": ["/bin/sleep", "1000"]}
    id_ = api.call("POST", "/containers/create", query={"name": inputs["name"]}, body=body)["Id"]

    half = made.provider.find(CONTAINER, "web", inputs)
    made.provider.delete(CONTAINER, id_, inputs, half.outputs)

    assert (half.id, half.inputs) == (id_, None)
    assert made.provider.find(CONTAINER, "web", inputs) is None


def test_many_at_once(made):
    """Threads do not mix up their connections."""
    names = [f"w{number}" for number in range(12)]
    with ThreadPoolExecutor(12) as pool:
        results = list(pool.map(made.container, names))

    assert [instance.outputs["name"] for _, instance in results] == [
        f"{made.prefix}-{name}" for name in names
    ]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "kept.txt").write_text("kept\n")
    (tmp_path / "app" / "left.log").write_text("left\n")
    (tmp_path / "app" / ".dockerignore").write_text("*.log\nDockerfile\n")
    return tmp_path


def build(made, api, **settings):
    program = {"imageName": f"{made.prefix}:1", "skipPush": True,
               "build": {"context": "app", "args": {"BASE": made.base}, **settings}}  # fmt: skip
    inputs = made.provider.check(IMAGE, "app", None, program)
    return inputs, made.provider.create(IMAGE, "app", inputs, None)


@pytest.mark.parametrize("dockerfile", ["app/Dockerfile", "Dockerfile.other"])
def test_builds_from_a_folder(made, api, folder, dockerfile):
    """Files that .dockerignore names are left out; the Dockerfile may lie elsewhere."""
    text = "ARG BASE\nFROM ${BASE}\nCOPY . /srv/\nRUN cat /srv/kept.txt && echo /srv/*\n"
    (folder / dockerfile).write_text(text)

    inputs, instance = build(made, api, dockerfile=dockerfile)
    try:
        assert instance.id == f"{made.prefix}:1"
        assert inspect(api, f"/images/{instance.id}/json")["Id"] == instance.outputs["repoDigest"]
        assert "kept" in made.told
        assert "/srv/kept.txt" in made.told
        assert made.provider.diff(IMAGE, "", inputs, instance.outputs, inputs).changes == ()
    finally:
        api.call("DELETE", f"/images/{instance.id}")

    assert made.provider.read(IMAGE, instance.id, inputs, instance.outputs) is None


def test_a_dockerfile_that_only_buildkit_understands_is_built_by_it(made, api, folder):
    (folder / "app" / "Dockerfile").write_text(
        "ARG BASE\nFROM ${BASE}\nCOPY . /srv/\n"
        "RUN --mount=type=tmpfs,target=/scratch cat /srv/kept.txt > /scratch/x; "
        f"cat /scratch/x; echo /srv/*; : {made.prefix}, never cached\n"
    )

    _, instance = build(made, api)
    try:
        assert inspect(api, f"/images/{instance.id}/json")["Id"] == instance.outputs["repoDigest"]
        assert "kept" in made.told
        assert [line for line in made.told if "/srv/kept.txt" in line and line[0] == "/"]
        assert not [line for line in made.told if "left.log" in line]
    finally:
        api.call("DELETE", f"/images/{instance.id}")


def test_a_build_that_fails_shows_dockerfile_and_last_lines(made, api, folder):
    (folder / "app" / "Dockerfile").write_text(
        "ARG BASE\nFROM ${BASE}\nRUN echo compiling; echo broken >&2; exit 3\n"
    )

    with pytest.raises(ProviderError) as failure:
        build(made, api)

    first, *rest = str(failure.value).splitlines()
    assert "app/Dockerfile: The command" in first
    assert "returned a non-zero code: 3" in first
    assert {"    compiling", "    broken"} <= set(rest)


def test_an_image_gets_a_further_name(made, api, base):
    target = f"{made.prefix}:tagged"
    inputs = made.provider.check(TAG, "t", None, {"sourceImage": base, "targetImage": target})

    instance = made.provider.create(TAG, "t", inputs, None)
    try:
        same = api.call("GET", f"/images/{target}/json")["Id"]
        assert instance.outputs["sourceImageId"] == same
    finally:
        api.call("DELETE", f"/images/{target}")


def test_a_local_image_is_not_pulled(made, base):
    inputs = made.provider.check(REMOTE_IMAGE, "r", None, {"name": base, "keepLocally": True})

    instance = made.provider.create(REMOTE_IMAGE, "r", inputs, None)
    made.provider.delete(REMOTE_IMAGE, instance.id, inputs, instance.outputs)

    assert instance.id == instance.outputs["imageId"] + base
    assert made.provider.read(REMOTE_IMAGE, instance.id, inputs, {}).inputs == inputs
    assert made.told == []


def test_the_engine_says_what_it_refuses(api):
    with pytest.raises(DaemonRefusedError, match="No such container: wsprov-nope") as error:
        api.call("GET", "/containers/wsprov-nope/json")

    assert error.value.status == 404
