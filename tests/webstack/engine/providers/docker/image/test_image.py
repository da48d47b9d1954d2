from __future__ import annotations

import base64
import io
import json
import tarfile
from pathlib import Path

import pytest

from webstack.docker.build_context import Sending
from webstack.docker.context_archive import write_archive
from webstack.engine.model.provider import UNKNOWN, ProviderError
from webstack.engine.model.values import Secret, plain
from webstack.engine.providers.docker.client.api import DaemonRefusedError
from webstack.engine.providers.docker.image.build import build_query
from webstack.engine.providers.docker.image.image import ImageResource
from webstack.engine.providers.docker.registry.credentials import Credentials, Login
from webstack.engine.providers.docker.resource.resource import DockerSite

BUILD = "POST /build"
FOUND = "GET /images/demo:1/json"
ID = "sha256:" + "1" * 64


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "Dockerfile").write_text("FROM ghcr.io/me/base:1 AS x\nCOPY . /\n")
    (tmp_path / "app" / "main.py").write_text("print()\n")
    (tmp_path / "app" / "noise.log").write_text("noise\n")
    (tmp_path / "app" / ".dockerignore").write_text("*.log\nDockerfile\n.dockerignore\n")
    return tmp_path


def check(**program):
    program = {"imageName": "demo:1", "skipPush": True, "build": {"context": "app"}, **program}
    return ImageResource().check("app", None, program)


def test_adds_the_defaults_of_the_pulumi_provider(project):
    """The defaults are the Dockerfile's place, this machine's platform, and the files' digest."""
    checked = check()

    assert checked["buildOnPreview"] is False
    assert checked["build"]["dockerfile"] == "app/Dockerfile"
    assert checked["build"]["platform"].startswith("linux/")
    assert len(checked["build"]["contextDigest"]) == 64
    assert "__defaults" not in json.dumps(checked)


def test_an_unknown_context_is_left_for_later(project):
    checked = check(build={"context": UNKNOWN})

    assert "contextDigest" not in checked["build"]
    assert checked["build"]["dockerfile"] == UNKNOWN
    assert ImageResource().planned_outputs(checked, None) == {}


@pytest.mark.parametrize(
    ("program", "problem"),
    [
        ({"build": {"context": "nope"}}, "the build context nope is not a folder"),
        ({"build": {"context": "app", "dockerfile": "x"}}, "there is no Dockerfile x"),
        (
            {"build": {"context": "app", "dockerfile": "Dockerfile"}},
            "its path begins where the program runs: app/Dockerfile",
        ),
        ({"build": {"context": "app", "secrets": []}}, "property build.secrets is not supported"),
        ({"build": {"context": "app", "builderVersion": "V3"}}, "must be one of BuilderV1"),
        ({"skipPush": False}, "must begin with its registry, such as docker.io/demo:1"),
        ({"build": {"context": "app", "cacheFrom": {"images": ["a"]}}}, "must begin with its"),
        ({"imageName": None}, "imageName is missing"),
    ],
)
def test_refuses_what_cannot_be_built(project, program, problem):
    with pytest.raises(ProviderError, match='docker image "app"') as error:
        check(**program)

    assert problem in str(error.value)


def test_a_registrys_password_is_always_secret(project):
    checked = check(registry={"server": "ghcr.io", "username": "me", "password": "hush"})

    assert checked["registry"]["password"] == Secret("hush")
    assert "hush" not in repr(checked)


def paths(old, new):
    outputs = {"__inputs": old} if old is not None else {}
    found = ImageResource().diff({}, outputs, new)
    assert not found.delete_before_replace
    return [(change.path, change.kind, change.replaces) for change in found.changes]


def test_any_change_builds_again_and_none_replaces():
    old = {"imageName": "demo:1", "build": {"context": "app"}, "skipPush": True}

    assert paths(old, old) == []
    assert paths(old, {**old, "imageName": "demo:2"}) == [("imageName", "update", False)]
    assert paths(old, {**old, "build": {"context": "b"}}) == [("build", "update", False)]
    assert paths(old, {**old, "registry": {"server": "x"}}) == [("registry", "add", False)]
    assert paths(old, {"imageName": "demo:1", "build": {"context": "app"}}) == [
        ("skipPush", "delete", False)
    ]
    assert paths(None, {"imageName": "demo:1"}) == [("imageName", "add", False)]


def test_a_new_login_alone_builds_nothing():
    old = {"imageName": "a", "registry": {"server": "ghcr.io", "password": "old"}}
    new = {"imageName": "a", "registry": {"server": "ghcr.io", "password": "new"}}

    assert paths(old, new) == []
    assert paths(old, {**new, "registry": {"server": "quay.io"}}) == [("registry", "update", False)]


EVENTS = [
    {"stream": "Step 1/2 : FROM base\n"},
    {"status": "Downloading", "progress": "[=>  ]"},
    {"stream": "\x1b[91mwarning\x1b[0m\n"},
    {"aux": {"ID": ID}},
]


def test_builds_and_tells_about_each_line(project, daemon, site, told):
    daemon.answers = {BUILD: EVENTS, FOUND: {"Id": ID}}
    inputs = check()

    instance = ImageResource().create(site, "app", inputs, None)

    assert instance.id == "demo:1"
    assert instance.outputs == {
        "baseImageName": "demo:1",
        "context": "app",
        "dockerfile": "Dockerfile",
        "imageName": "demo:1",
        "platform": inputs["build"]["platform"],
        "registryServer": "",
        "repoDigest": ID,
        "__inputs": inputs,
    }
    assert told == [("app", "Step 1/2 : FROM base"), ("app", "warning")]
    assert ImageResource().diff(inputs, instance.outputs, inputs).changes == ()


def test_builds_in_the_preview_where_asked_to_and_never_pushes_there(project, daemon, site):
    daemon.answers = {BUILD: EVENTS, FOUND: {"Id": ID}}
    plain_, early = check(), check(imageName="ghcr.io/demo:1", skipPush=False, buildOnPreview=True)
    daemon.answers["GET /images/ghcr.io/demo:1/json"] = {"Id": ID}

    assert "repoDigest" not in ImageResource().foreseen_outputs(lambda: site, plain_, None)
    unknown = {**early, "build": {**early["build"], "args": {"A": UNKNOWN}}}
    assert "repoDigest" not in ImageResource().foreseen_outputs(lambda: site, unknown, None)
    assert "repoDigest" not in ImageResource().foreseen_outputs(
        lambda: site, {**early, "build": UNKNOWN}, None
    )
    assert daemon.calls == []

    assert ImageResource().foreseen_outputs(lambda: site, early, None)["repoDigest"] == ID
    assert daemon.changes() == [BUILD]


def names_in(content: bytes) -> dict[str, tarfile.TarInfo]:
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        return {entry.name: entry for entry in tar}


def test_sends_the_context_without_what_is_ignored(project, daemon, site):
    """The Dockerfile and the ignore file are sent all the same, which the daemon needs."""
    daemon.answers = {BUILD: EVENTS, FOUND: {"Id": ID}}

    ImageResource().create(site, "app", check(), None)

    sent = names_in(daemon.details[BUILD]["content"])
    assert set(sent) == {".dockerignore", "Dockerfile", "main.py"}
    assert {(entry.uid, entry.gid, entry.uname) for entry in sent.values()} == {(0, 0, "")}


def test_a_dockerfile_from_elsewhere_goes_along_under_another_name(project):
    (project / "web.Dockerfile").write_text("FROM other\n")

    content, name = write_archive(Sending.of(Path("app"), Path("web.Dockerfile")))

    with content:
        sent = names_in(content.read())
    assert name in sent
    assert name != "Dockerfile"
    assert "main.py" in sent
    checked = check(build={"context": "app", "dockerfile": "web.Dockerfile"})
    assert ImageResource().planned_outputs(checked, None)["dockerfile"] == "../web.Dockerfile"


def test_all_settings_reach_the_builder():
    inputs = {
        "imageName": "demo:1",
        "build": {
            "args": {"A": "1"}, "target": "web", "platform": "linux/arm64", "network": "host",
            "addHosts": ["db:10.0.0.1"], "cacheFrom": {"images": ["docker.io/x/y"]},
        },
    }  # fmt: skip

    assert build_query(inputs, "Dockerfile") == {
        "t": "demo:1", "dockerfile": "Dockerfile", "rm": "1", "forcerm": "1",
        "buildargs": '{"A": "1"}', "cachefrom": '["docker.io/x/y"]', "target": "web",
        "extrahosts": ["db:10.0.0.1"], "networkmode": "host", "platform": "linux/arm64",
    }  # fmt: skip


def test_a_failure_names_the_dockerfile_and_shows_the_last_lines(project, daemon, site):
    lines = [{"stream": f"line {number}\n"} for number in range(50)]
    daemon.answers = {BUILD: [*lines, {"error": "The command returned a non-zero code: 3"}]}

    with pytest.raises(ProviderError) as error:
        ImageResource().create(site, "app", check(), None)

    first, *rest = str(error.value).splitlines()
    assert first == "image demo:1: app/Dockerfile: The command returned a non-zero code: 3"
    assert rest == [f"    line {number}" for number in range(30, 50)]


def test_what_needs_buildkit_says_so_where_the_program_insists_on_the_first_builder(
    project, daemon, site
):
    daemon.answers = {BUILD: [{"error": "the --mount option requires BuildKit"}]}
    first = {"context": "app", "builderVersion": "BuilderV1"}

    with pytest.raises(ProviderError, match="leave builderVersion out"):
        ImageResource().create(site, "app", check(build=first), None)


def test_a_refused_build_is_a_failure_too(project, daemon, site):
    daemon.answers = {BUILD: DaemonRefusedError(400, "dockerfile parse error line 2")}

    with pytest.raises(ProviderError, match=r"app/Dockerfile: dockerfile parse error line 2"):
        ImageResource().create(site, "app", check(), None)


def test_the_login_for_the_base_images_registry_goes_along(project, daemon, told):
    daemon.answers = {BUILD: EVENTS, FOUND: {"Id": ID}}
    login = Login("ghcr.io", "me", "hush")
    credentials = Credentials({}, lambda registry, file: login if registry == "ghcr.io" else None)
    site = DockerSite(daemon, credentials, lambda name, line: told.append((name, line)))

    ImageResource().create(site, "app", check(), None)

    header = daemon.details[BUILD]["headers"]["X-Registry-Config"]
    assert json.loads(base64.urlsafe_b64decode(header))["ghcr.io"]["password"] == "hush"
    assert "hush" not in str(told)


def test_pushes_under_the_registrys_digest(project, daemon, site):
    name, digest = "ghcr.io/me/app:1", "sha256:" + "2" * 64
    daemon.answers = {
        BUILD: EVENTS,
        f"GET /images/{name}/json": {"Id": ID},
        "POST /images/ghcr.io/me/app/push": [{"aux": {"Digest": digest}}],
    }
    own = {"server": "ghcr.io", "username": "me", "password": "hush"}
    inputs = plain(check(imageName=name, skipPush=False, registry=own))

    instance = ImageResource().create(site, "app", inputs, None)

    assert instance.outputs["repoDigest"] == f"ghcr.io/me/app@{digest}"
    assert instance.outputs["registryServer"] == "ghcr.io"


def test_a_cache_that_is_not_there_is_no_failure(project, daemon, site, told):
    daemon.answers = {BUILD: EVENTS, "GET /images/docker.io/me/app:1/json": {"Id": ID}}
    inputs = check(
        imageName="docker.io/me/app:1",
        build={"context": "app", "cacheFrom": {"images": ["docker.io/me/app:0"]}},
    )

    ImageResource().create(site, "app", inputs, None)

    assert any("docker.io/me/app:0 cannot be pulled" in line for _, line in told)


def test_reading_notices_an_image_that_is_gone(project, daemon, site):
    inputs = check()
    outputs = {"repoDigest": ID, "__inputs": inputs}
    assert ImageResource().read(site, "demo:1", inputs, outputs) is None

    daemon.answers = {f"GET /images/{ID}/json": {"Id": ID}}
    assert ImageResource().read(site, "demo:1", inputs, outputs).outputs == outputs


def test_deleting_leaves_the_image(daemon, site):
    ImageResource().delete(site, "demo:1", {})

    assert daemon.calls == []


def test_cannot_be_imported(site):
    with pytest.raises(ProviderError, match="cannot be imported; use RemoteImage"):
        ImageResource().read(site, "demo:1", {}, {})
