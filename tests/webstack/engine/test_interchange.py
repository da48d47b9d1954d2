"""The engine and the real Pulumi CLI take turns on one state, and neither finds anything to do."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import textwrap
import uuid
from dataclasses import dataclass
from pathlib import Path

import pytest

from webstack.engine.display.preview_json import PreviewDigest
from webstack.engine.model.errors import ProjectError
from webstack.engine.model.state import ResourceState
from webstack.engine.model.values import plain
from webstack.engine.operations import operations, stacks
from webstack.engine.operations.operations import Project, RunOptions
from webstack.engine.project import settings
from webstack.engine.project.stack import backend_of

pytestmark = [
    pytest.mark.cli,
    pytest.mark.skipif(shutil.which("pulumi") is None, reason="no pulumi on PATH"),
]

PRELUDE = """
from typing import Any
import pulumi
from pulumi.dynamic import CreateResult, DiffResult, Resource, ResourceProvider, UpdateResult

class Files(ResourceProvider):
    def create(self, props):
        return CreateResult("id-" + props["name"], {**props, "made": "c" + str(props.get("size"))})

    def update(self, id_, olds, news):
        return UpdateResult({**news, "made": "u" + str(news.get("size"))})

    def diff(self, id_, olds, news):
        changed = [key for key in news if key != "__provider" and olds.get(key) != news.get(key)]
        return DiffResult(bool(changed), [key for key in changed if key == "fixed"])

class Plain(ResourceProvider):
    def create(self, props):
        return CreateResult("plain", {"size": props.get("size")})

class File(Resource):
    made: pulumi.Output[str]
    size: pulumi.Output[Any]

    def __init__(self, resource, opts=None, **props):
        super().__init__(Files(), resource, {"made": None, "name": resource, **props}, opts)

class Open(Resource, module="shop", name="Open"):
    def __init__(self, resource, opts=None, **props):
        super().__init__(Plain(), resource, props, opts)

class Part(pulumi.ComponentResource):
    def __init__(self, name, opts=None, **inputs):
        super().__init__("shop:app:Part", name, inputs, opts)

def grow(args):
    if args.name != "a":
        return None
    return pulumi.ResourceTransformResult({**args.props, "size": 7}, args.opts)

def noted(name):
    def note(args):
        with open("noted", "a") as file:
            print(name, args.name, args.type, bool(args.id), file=file)
    return pulumi.ResourceHook(name, note)

def hooks():
    names = [f"{moment}_{change}" for moment in ("before", "after")
             for change in ("create", "update", "delete")]
    return pulumi.ResourceHookBinding(**{name: [noted(name)] for name in names})

config = pulumi.Config()
"""

FIRST = """
part = Part("part", mode="one", words=["a", {"b": 1.5}])
below = pulumi.ResourceOptions(parent=part)
a = File("a", opts=below, size=1, text="ümläut <&>")
b = File("b", opts=below, size=[a.made, {"deep": config.require_secret("pw")}])
c = Open("c", opts=pulumi.ResourceOptions(parent=part, depends_on=[b]), size=True)
part.register_outputs({"made": a.made})
pulumi.export("made", a.made)
pulumi.export("size", b.size)
pulumi.export("nothing", None)
pulumi.export("numbers", [1, 2.5, 1e21, True, ""])
"""

CHANGES = {
    "update": FIRST.replace("size=1,", "size=2,"),
    "replace": FIRST.replace("size=1,", "size=1, fixed=1,"),
    "delete": FIRST.replace('c = Open("c"', '# c = Open("c"'),
    "component": FIRST.replace('mode="one"', 'mode="two"'),
    "options": FIRST.replace("parent=part)", "parent=part, protect=True)"),
    "outputs": FIRST.replace('pulumi.export("nothing", None)', 'pulumi.export("more", {"x": 1})'),
    "alias": FIRST.replace(
        'c = Open("c", opts=pulumi.ResourceOptions(',
        'c = Open("renamed", opts=pulumi.ResourceOptions(aliases=[pulumi.Alias(name="c")], ',
    ),
    "ignored": FIRST.replace("size=1,", "size=3,").replace(
        "parent=part)", 'parent=part, ignore_changes=["size"])'
    ),
    "transform": FIRST.replace(
        "opts=below, size=1,",
        """size=1,
        opts=pulumi.ResourceOptions(parent=part, transforms=[grow]),""",
    ),
    "transform of the parent": FIRST.replace(
        'mode="one"', 'mode="one", opts=pulumi.ResourceOptions(transforms=[grow])'
    ),
    "transform of the stack": f"pulumi.runtime.register_resource_transform(grow)\n{FIRST}",
    "hooks": FIRST.replace("parent=part)\na", "parent=part, hooks=hooks())\na"),
    "trigger": FIRST.replace("parent=part)\na", "parent=part, replacement_trigger=1)\na"),
    "plain dynamic": FIRST.replace("size=True", "size=False"),
}


@dataclass
class Turns:
    """A project that both the engine and the CLI can run."""

    root: Path
    home: Path

    @property
    def project(self) -> Project:
        daemon = {name: text for name, text in os.environ.items() if name.startswith("DOCKER_")}
        return Project.load(self.root, {**daemon, "PULUMI_CONFIG_PASSPHRASE": "x"})

    def program(self, text: str) -> None:
        (self.root / "__main__.py").write_text(PRELUDE + textwrap.dedent(text))

    def cli(self, *words: str, code: int = 0) -> str:
        ran = self._ran(*words)
        assert ran.returncode == code, ran.stdout + ran.stderr
        return ran.stdout

    def cli_refusing(self, *words: str) -> str:
        ran = self._ran(*words)
        assert ran.returncode != 0, ran.stdout
        return ran.stdout + ran.stderr

    def _ran(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["pulumi", *words, "--non-interactive"],
            cwd=self.root,
            env={
                **os.environ,
                "PULUMI_BACKEND_URL": "",  # the project's own
                "PULUMI_CONFIG_PASSPHRASE": "x",
                "PULUMI_HOME": str(self.home),
                "PULUMI_SKIP_UPDATE_CHECK": "1",
            },
            capture_output=True,
            text=True,
            check=False,
        )

    def cli_finds_nothing(self) -> None:
        self.cli("preview", "--stack", "dev", "--expect-no-changes", "--diff")

    def cli_up(self) -> None:
        self.cli("up", "--stack", "dev", "--yes", "--skip-preview")

    def engine(self, operation: str = "up", **options: bool) -> operations.RunResult:
        run = getattr(operations, operation)
        outcome = run(self.project, "dev", RunOptions(**options))
        assert outcome.exit_code == 0, outcome.diagnostics
        return outcome

    def engine_finds_nothing(self) -> None:
        self.engine("preview", expect_no_changes=True)

    def state(self) -> dict[str, dict[str, object]]:
        """Give the state as a mapping, secrets opened, without what differs from run to run."""
        opened = operations.open_stack(self.project, "dev")
        return {
            item.urn: {
                "inputs": plain(item.inputs),
                "outputs": plain(item.outputs),
                "secret": secret_keys(item),
                "id": "" if item.is_provider else item.id,
                "parent": item.parent,
                "provider": item.provider.rpartition("::")[0],
                "dependencies": set(item.dependencies),
                "by property": {k: set(v) for k, v in item.property_dependencies.items()},
                "protect": item.protect,
                "ignore": item.ignore_changes,
                "aliases": item.aliases,
            }
            for item in opened.load(opened.codec()).resources
        }


def secret_keys(item: ResourceState) -> set[str]:
    return {
        f"{bag}.{key}"
        for bag, values in (("inputs", item.inputs), ("outputs", item.outputs))
        for key, value in values.items()
        if "[secret]" in repr(value)
    }


@pytest.fixture
def turns(tmp_path):
    root = tmp_path / "project"
    root.mkdir()
    (root / "Pulumi.yaml").write_text(
        "name: shop\nruntime:\n  name: python\n  options:\n    toolchain: pip\n"
        f"    virtualenv: {sys.prefix}\nbackend:\n  url: file://.state\n"
    )
    made = Turns(root, tmp_path / "home")
    made.program(FIRST)
    stacks.init(made.project, "dev")
    settings.put(made.project, "dev", "pw", "hush", secret=True)
    return made


def test_the_state_that_both_write_is_the_same(turns):
    turns.engine()
    ours = turns.state()
    turns.cli("destroy", "--stack", "dev", "--yes", "--skip-preview")
    turns.cli_up()
    assert ours == turns.state()


@pytest.mark.parametrize("change", sorted(CHANGES))
def test_each_finds_nothing_after_the_other(turns, change):
    turns.engine()
    turns.cli_finds_nothing()
    turns.program(CHANGES[change])
    foreseen = PreviewDigest()
    operations.preview(turns.project, "dev", observe=foreseen)
    theirs = json.loads(turns.cli("preview", "--stack", "dev", "--json"))
    assert foreseen.document()["changeSummary"] == theirs["changeSummary"]
    assert steps(foreseen.document()) == steps(theirs)
    turns.cli_up()
    turns.engine_finds_nothing()
    turns.program(FIRST)
    turns.engine()
    turns.cli_finds_nothing()


@pytest.mark.parametrize("first", ["engine", "CLI"])
def test_a_trigger_replaces_for_both(turns, first):
    program = FIRST.replace("parent=part)\na", "parent=part, replacement_trigger=TRIGGER)\na")
    turns.program(program.replace("TRIGGER", "pulumi.Output.from_input(['one'])"))
    turns.engine() if first == "engine" else turns.cli_up()
    turns.cli_finds_nothing()
    turns.engine_finds_nothing()
    turns.program(program.replace("TRIGGER", "['two']"))
    foreseen = PreviewDigest()
    operations.preview(turns.project, "dev", observe=foreseen)
    theirs = json.loads(turns.cli("preview", "--stack", "dev", "--json"))
    assert foreseen.document()["changeSummary"] == theirs["changeSummary"]
    ours = {(step["op"], step["urn"]) for step in foreseen.document()["steps"]}
    assert ours == {(step["op"], step["urn"]) for step in theirs["steps"]}
    turns.cli_up() if first == "engine" else turns.engine()
    turns.cli_finds_nothing()
    turns.engine_finds_nothing()


def test_hooks_are_called_alike(turns):
    declared = """
        bound = hooks()
        part = Part("part", opts=pulumi.ResourceOptions(hooks=bound))
        File("a", opts=pulumi.ResourceOptions(parent=part, hooks=bound), INPUTS)
        part.register_outputs({})
        """
    programs = [
        *(declared.replace("INPUTS", inputs) for inputs in ("size=1", "size=2", "size=2, fixed=1")),
        "hooks()",
    ]
    notes = turns.root / "noted"
    told = []
    for up in (turns.engine, turns.cli_up):
        for program in programs:
            turns.program(program)
            up()
            told.append(notes.read_text() if notes.exists() else "")
            notes.unlink(missing_ok=True)
    half = len(programs)
    assert told[:half] == told[half:]
    assert all(told)


def test_the_state_of_transformed_resources_is_the_same(turns):
    turns.program(CHANGES["transform"])
    turns.engine()
    ours = turns.state()
    turns.cli("destroy", "--stack", "dev", "--yes", "--skip-preview")
    turns.cli_up()
    assert ours == turns.state()


REFUSED = {
    "required": ("config: {size: {type: integer}}", "", "size"),
    "type": ("config: {pw: {type: integer}}", "", "type"),
    "secret": ("config: {word: {type: string, secret: true}}", "  shop:word: x", "word"),
    "default": ("config: {size: {type: integer, default: x}}", "", "default"),
    "version": ('requiredPulumiVersion: ">=99.0.0"', "", "99.0.0"),
    "barred": ("", '  pulumi:disable-default-providers: ["*"]', "explicit provider"),
    "options": ("options: {refresh: sometimes}", "", "always"),
}


@pytest.mark.parametrize("case", sorted(REFUSED))
def test_both_refuse_alike(turns, case):
    project, settings_, says = REFUSED[case]
    file = turns.root / "Pulumi.yaml"
    file.write_text(f"{file.read_text()}{project}\n")
    file = turns.root / "Pulumi.dev.yaml"
    file.write_text(f"{file.read_text().rstrip()}\n{settings_}\n")
    assert says in turns.cli_refusing("preview", "--stack", "dev")
    try:
        outcome = operations.preview(turns.project, "dev")
    except ProjectError as error:
        text = str(error)
    else:
        assert outcome.exit_code == 1
        text = outcome.diagnostics[0].message
    assert says in text
    assert "\n" not in text


def test_both_refuse_a_version_that_the_program_asks_for(turns):
    turns.program(f'pulumi.require_pulumi_version(">=99.0.0")\n{FIRST}')
    assert "99.0.0" in turns.cli_refusing("preview", "--stack", "dev")
    outcome = operations.preview(turns.project, "dev")
    assert outcome.exit_code == 1
    assert "99.0.0" in outcome.diagnostics[0].message
    turns.program(f'pulumi.require_pulumi_version(">=3.0.0 <4.0.0")\n{FIRST}')
    turns.engine()
    turns.cli_finds_nothing()


def test_a_project_that_always_refreshes_does_so_for_both(turns):
    file = turns.root / "Pulumi.yaml"
    file.write_text(f"{file.read_text()}options: {{refresh: always}}\n")
    turns.program(
        PRELUDE
        + """
class Seen(Files):
    def read(self, id_, props):
        from pulumi.dynamic import ReadResult
        with open("looked", "a") as file:
            file.write("x")
        return ReadResult(id_, props)
class Looked(Resource):
    def __init__(self, resource, **props):
        super().__init__(Seen(), resource, props)
Looked("a", name="a")
"""
    )
    looked = turns.root / "looked"
    looks = []
    for run in (turns.engine, turns.engine, turns.cli_up, lambda: turns.engine("preview")):
        run()
        looks.append(len(looked.read_text()) if looked.exists() else 0)
    assert looks == [0, 1, 2, 3]


def test_all_that_a_program_says_is_said_by_both(turns):
    turns.program(
        """
        import atexit, subprocess, sys
        atexit.register(print, "at the end")
        print("a line")
        subprocess.run(["sh", "-c", "echo of a child"])
        File("a")
        print("without an end", end="")
        """
    )
    theirs = turns.cli("preview", "--stack", "dev")
    said = [item.message for item in operations.preview(turns.project, "dev").diagnostics]
    assert said == ["a line", "of a child", "without an endat the end"]
    told = theirs.partition("Diagnostics:")[2]
    assert [line for line in said if line not in told] == []


def test_a_compressed_history_is_read(turns, monkeypatch):
    turns.engine()
    monkeypatch.setenv("PULUMI_DIY_BACKEND_GZIP", "true")
    turns.program(CHANGES["update"])
    turns.cli_up()
    theirs = json.loads(turns.cli("stack", "history", "--stack", "dev", "--json"))
    ours = stacks.history(turns.project, "dev")
    assert [item["resourceChanges"] for item in theirs] == [
        item["resourceChanges"] for item in ours
    ]
    assert len(ours) == 2
    turns.engine_finds_nothing()


def test_what_the_engine_renamed_the_cli_renames_back(turns):
    turns.cli_up()
    turns.program(CHANGES["alias"])
    turns.engine()
    back = FIRST.replace(
        "depends_on=[b])", 'depends_on=[b], aliases=[pulumi.Alias(name="renamed")])'
    )
    turns.program(back)
    turns.cli_up()
    turns.engine_finds_nothing()


def steps(document):
    """Give the compared parts of steps; the engine gives a reason for a change more often."""
    return {
        (step["op"], step["urn"], *step.get("replaceReasons", ()))
        for step in document["steps"]
        if step["op"] != "same"
    }


def test_either_refreshes_and_destroys_what_the_other_made(turns):
    turns.engine()
    turns.cli("refresh", "--stack", "dev", "--yes", "--skip-preview", "--expect-no-changes")
    turns.engine("refresh", expect_no_changes=True)
    turns.cli_up()
    turns.engine("destroy")
    assert "to create" in turns.cli("preview", "--stack", "dev")


def test_settings_and_secrets_are_shared(turns):
    turns.cli("config", "set", "--stack", "dev", "--secret", "theirs", "from the CLI")
    settings.put(turns.project, "dev", "ours", "from here", secret=True)
    assert settings.get(turns.project, "dev", "theirs") == "from the CLI"
    assert turns.cli("config", "get", "--stack", "dev", "ours").strip() == "from here"


def test_outputs_history_and_exports_are_shared(turns):
    turns.engine()
    theirs = json.loads(turns.cli("stack", "output", "--stack", "dev", "--json", "--show-secrets"))
    assert theirs == operations.outputs(turns.project, "dev", show_secrets=True)
    theirs = json.loads(turns.cli("stack", "output", "--stack", "dev", "--json"))
    assert theirs == operations.outputs(turns.project, "dev")
    assert len(json.loads(turns.cli("stack", "history", "--stack", "dev", "--json"))) == 1
    exported = json.loads(turns.cli("stack", "export", "--stack", "dev"))
    before = turns.state()
    turns.engine("destroy")
    assert stacks.import_(turns.project, "dev", exported, print) == len(before)
    assert turns.state() == before
    file = turns.root / "exported.json"
    file.write_text(json.dumps(stacks.export(turns.project, "dev")))
    turns.cli("stack", "import", "--stack", "dev", "--file", str(file))
    turns.engine_finds_nothing()


def test_the_cli_respects_our_lock(turns):
    backend = backend_of(turns.project)
    with operations.locks.held(backend, "dev", print):
        ran = turns.cli("up", "--stack", "dev", "--yes", "--skip-preview", code=1)
        assert "Updating" not in ran
    turns.cli_up()


def test_a_stack_that_the_cli_made_is_a_stack(turns):
    turns.cli("stack", "init", "other")
    assert stacks.ls(turns.project) == ["dev", "other"]
    stacks.rm(turns.project, "other", settings_too=True)
    assert [item["name"] for item in json.loads(turns.cli("stack", "ls", "--json"))] == ["dev"]


DOCKER = """
import pulumi_docker as docker

token = config.require_secret("pw")
network = docker.Network("net", name="{tag}-net", driver="bridge",
    labels=[docker.NetworkLabelArgs(label="engine.test", value="{tag}")])
volume = docker.Volume("data", name="{tag}-data", opts=pulumi.ResourceOptions(protect={protect}))
base = docker.RemoteImage("base", name="{image}", keep_locally=True)
box = docker.Container("box", name="{tag}-box", image=base.image_id,
    command=["sleep", "600"], must_run=True, destroy_grace_seconds=0,
    envs=[pulumi.Output.concat("TOKEN=", token), "MODE={mode}"],
    networks_advanced=[docker.ContainerNetworksAdvancedArgs(name=network.name, aliases=["box"])],
    volumes=[docker.ContainerVolumeArgs(volume_name=volume.name, container_path="/data")])
remote = docker.Provider("remote", host="{host}")
extra = docker.Volume("extra", opts=pulumi.ResourceOptions(provider=remote))
found = docker.get_network_output(name=network.name)
pulumi.export("driver", found.driver)
pulumi.export("box", box.id)
"""


@pytest.mark.docker
def test_docker_resources_change_hands(turns, base_images):
    tag = f"engine-{uuid.uuid4().hex[:8]}"
    host = os.environ.get("DOCKER_HOST") or "unix:///var/run/docker.sock"
    said = {"tag": tag, "host": host, "protect": False, "image": base_images.python}
    first = DOCKER.format(**said, mode="one")
    second = DOCKER.format(**said, mode="two")
    try:
        turns.program(first)
        turns.engine()
        turns.cli_finds_nothing()
        turns.program(second)
        turns.cli_up()
        turns.engine_finds_nothing()
        turns.engine("preview", refresh=True, expect_no_changes=True)
        subprocess.run(["docker", "rm", "-f", f"{tag}-box"], check=True, capture_output=True)
        assert turns.engine("refresh").counts["delete"] == 1
        assert turns.engine().counts["create"] == 1
        turns.cli_finds_nothing()
    finally:
        turns.program(first)
        turns.engine("destroy")
