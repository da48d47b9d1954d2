"""Real programs run as a whole: the program's view, the kept state, the words for the user."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

from tests.webstack.engine.stacks import shop
from webstack.engine.display.preview_json import PreviewDigest
from webstack.engine.display.text_display import TextDisplay
from webstack.engine.display.tree_display import TreeDisplay
from webstack.engine.model.errors import (
    BackendError,
    LockedError,
    PassphraseError,
    StackNotFoundError,
    StateError,
)
from webstack.engine.operations import operations, stacks
from webstack.engine.operations.operations import RunOptions
from webstack.engine.project.stack import is_interrupted

PAIR = """
part = Part("part", mode="plain")
below = pulumi.ResourceOptions(parent=part)
a = Thing("a", opts=below, size=1)
b = Thing("b", opts=below, size=a.made, token=pulumi.Output.secret("hush"))
part.register_outputs({"b": b.made})
pulumi.export("made", b.made)
pulumi.export("token", b.token)
"""


@pytest.fixture
def made(tmp_path):
    return shop(tmp_path / "shop", PAIR)


def told(outcome):
    return "\n".join(item.message for item in outcome.diagnostics)


def test_a_program_is_carried_out_and_then_nothing_is_left_to_do(made):
    first, second = made.run("up"), made.run("up")
    assert (first.exit_code, first.counts) == (0, {"create": 4})
    assert (second.exit_code, second.counts) == (0, {"same": 4})
    assert sorted(made.world.things()) == ["a", "b"]
    assert not second.changed


def test_what_a_killed_run_left_is_settled_without_running_the_program(made):
    made.run("up")
    document = json.loads(made.state_file.read_text())
    latest = document["checkpoint"]["latest"]
    b = next(item for item in latest["resources"] if item["urn"].endswith("::b"))
    latest["resources"].remove(b)
    resource = {key: value for key, value in b.items() if key not in ("id", "outputs")}
    latest["pending_operations"] = [{"resource": resource, "type": "creating"}]
    made.state_file.write_text(json.dumps(document))
    assert is_interrupted(made.project, "dev")
    made.program("raise SystemExit('not now')")
    with made.served():
        assert "adopted" in told(operations.settle(made.project, "dev"))
    assert not is_interrupted(made.project, "dev")
    assert made.program(PAIR).run("up").counts == {"same": 4}


def test_a_preview_is_settled_where_even_the_state_would_stay(made):
    assert not made.run("preview").settled
    made.program('a = Thing("a")\npulumi.export("size", 1)\n').run("up")
    assert made.run("preview").settled

    folder = made.root / ".state/.pulumi/locks/organization/shop/dev"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "other.json").write_text('{"pid": 1, "hostname": "elsewhere"}')
    assert not made.run("preview").settled, "somebody is at work"
    (folder / "other.json").unlink()

    made.program('a = Thing("a")\npulumi.export("size", 2)\n')
    assert not made.run("preview").settled
    made.program(
        'a = Thing("a", opts=pulumi.ResourceOptions(protect=True))\npulumi.export("size", 1)\n'
    )
    outcome = made.run("preview")
    assert (outcome.changed, outcome.settled) == (False, False)


def test_a_preview_writes_nothing_and_takes_no_lock(made):
    def times() -> dict[Path, int]:
        files = (path for path in made.root.rglob("*") if path.is_file() and path.suffix != ".pyc")
        return {path: path.stat().st_mtime_ns for path in files}

    before = times()
    outcome = made.run("preview")
    assert outcome.counts == {"create": 4}
    assert times() == before
    assert made.world.things() == {}


def test_values_that_a_preview_cannot_know_are_unknown(made):
    made.program(
        """
        a = Thing("a")
        b = Thing("b", size=a.made.apply(lambda made: 1 / 0))
        pulumi.export("known", a.name)
        pulumi.export("unknown", a.made)
        """
    )
    outcome = made.run("preview")
    assert outcome.exit_code == 0
    assert outcome.outputs["known"] == "a"
    assert outcome.outputs["unknown"] == "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


def test_outputs_are_kept_and_secrets_among_them_stay_hidden(made):
    made.run("up")
    made_by = made.world.ids()["b"][:4]
    assert operations.outputs(made.project, "dev") == {"made": made_by, "token": "[secret]"}
    shown = operations.outputs(made.project, "dev", show_secrets=True)
    assert shown == {"made": made_by, "token": "hush"}


def test_no_secret_is_anywhere_in_the_state_folder_or_on_the_screen(made):
    stream = io.StringIO()
    digest = PreviewDigest()
    made.run("preview", observe=digest)
    made.run("preview", observe=TreeDisplay(stream))
    made.run("up", observe=TextDisplay(stream))
    for path in (made.root / ".state").rglob("*.json*"):
        assert "hush" not in path.read_text(), path
    assert "hush" not in stream.getvalue()
    assert "hush" not in str(digest)


def test_the_history_records_each_run(made):
    made.run("up", RunOptions(message="first"))
    made.run("destroy")
    newest, oldest = stacks.history(made.project, "dev")
    assert (newest["kind"], newest["resourceChanges"]) == ("destroy", {"delete": 4})
    assert (oldest["kind"], oldest["message"], oldest["result"]) == ("update", "first", "succeeded")


def test_destroying_leaves_an_empty_stack(made):
    made.run("up")
    outcome = made.run("destroy")
    assert (outcome.exit_code, outcome.counts) == (0, {"delete": 4})
    assert made.world.things() == {}
    assert "resources" not in stacks.export(made.project, "dev")["deployment"]
    assert made.run("destroy").counts == {}


def test_destroying_in_preview_touches_nothing(made):
    made.run("up")
    outcome = made.run("destroy", only_preview=True)
    assert outcome.counts == {"delete": 4}
    assert sorted(made.world.things()) == ["a", "b"]


PROTECTED = """
base = Thing("base")
keep = Thing("keep", opts=pulumi.ResourceOptions(protect=True, depends_on=[base]))
go = Thing("go")
"""


def test_destroying_refuses_before_it_begins_when_something_is_protected(made):
    made.program(PROTECTED).run("up")
    outcome = made.run("destroy")
    assert outcome.exit_code == 1
    assert "cannot be deleted" in told(outcome)
    assert sorted(made.world.things()) == ["base", "go", "keep"]


def test_destroying_can_spare_what_is_protected(made):
    made.program(PROTECTED).run("up")
    outcome = made.run("destroy", RunOptions(exclude_protected=True))
    assert outcome.exit_code == 0
    assert sorted(made.world.things()) == ["base", "keep"]
    assert made.run("up").counts == {"same": 3, "create": 1}


def test_protection_can_be_lifted(made):
    made.program(PROTECTED).run("up")
    assert stacks.unprotect(made.project, "dev") == 1
    assert made.run("destroy").exit_code == 0
    assert made.world.things() == {}


def test_destroying_a_target_needs_leave_for_its_dependents(made):
    made.program('a = Thing("a")\nb = Thing("b", size=a.made)\n').run("up")
    target = ("**::a",)
    assert "not specified in --target list" in told(made.run("destroy", RunOptions(targets=target)))
    outcome = made.run("destroy", RunOptions(targets=target, target_dependents=True))
    assert outcome.counts == {"delete": 2}


def test_a_target_that_names_nothing_is_an_error(made):
    made.run("up")
    outcome = made.run("destroy", RunOptions(targets=("urn:nobody",)))
    assert outcome.exit_code == 1
    assert "urn:nobody" in told(outcome)


def test_a_pattern_may_mean_nothing(made):
    made.run("up")
    outcome = made.run("destroy", RunOptions(targets=("**::nobody",)))
    assert (outcome.exit_code, outcome.changed) == (0, False)


def test_refreshing_takes_in_what_has_drifted_property_by_property(made):
    made.run("up")
    made.world.change("a", size=7, more=1)
    made.world.remove("b")
    stream = io.StringIO()
    outcome = made.run("refresh", observe=TextDisplay(stream))
    assert outcome.counts == {"same": 2, "update": 1, "delete": 1}
    assert "fake:index:Thing a updated" in stream.getvalue()
    assert "[diff: +more~size]" in stream.getvalue()
    assert made.run("up").counts == {"same": 2, "update": 1, "create": 1}
    assert made.run("preview", RunOptions(expect_no_changes=True)).exit_code == 0


def test_refreshing_in_preview_keeps_the_state(made):
    made.run("up")
    made.world.change("a", size=7)
    before = made.state_file.read_bytes()
    assert made.run("refresh", only_preview=True).counts == {"same": 3, "update": 1}
    assert made.state_file.read_bytes() == before


def test_a_run_can_refresh_first(made):
    made.run("up")
    made.world.remove("b")
    assert made.run("up").counts == {"same": 4}
    assert made.run("up", RunOptions(refresh=True)).counts == {"same": 3, "create": 1}


def test_unexpected_changes_have_their_own_exit_code(made):
    assert made.run("preview", RunOptions(expect_no_changes=True)).exit_code == 7
    made.run("up")
    assert made.run("up", RunOptions(expect_no_changes=True)).exit_code == 0


def test_an_error_of_the_program_shows_its_own_frames_only(made):
    made.program('a = Thing("a")\n\ndef deep():\n    raise ValueError("no such thing")\n\ndeep()\n')
    outcome = made.run("up")
    assert outcome.exit_code == 1
    text = told(outcome)
    assert text.startswith("Program failed with an unhandled exception:\nTraceback")
    assert text.endswith("ValueError: no such thing")
    assert "runpy" not in text
    assert "webstack/engine/" not in text


def test_what_had_been_done_before_an_error_of_the_program_stays_done(made):
    made.program('a = Thing("a")\na.made.apply(lambda made: 1 / 0)\n')
    assert made.run("up").exit_code == 1
    assert made.program('a = Thing("a")\n').run("up").counts == {"same": 2}


def test_nothing_is_deleted_after_an_error_of_the_program(made):
    made.run("up")
    made.program('raise RuntimeError("early")\n')
    assert made.run("up").exit_code == 1
    assert sorted(made.world.things()) == ["a", "b"]


def test_a_run_error_says_only_its_text(made):
    made.program('raise pulumi.RunError("set shop:size first")\n')
    assert told(made.run("preview")) == "set shop:size first"


def test_a_program_that_exits_with_an_error_fails_the_run(made):
    made.program("raise SystemExit(3)\n")
    outcome = made.run("preview")
    assert outcome.exit_code == 1
    assert "exit code: 3" in told(outcome)


def test_a_syntax_error_names_file_and_line(made):
    made.program("this is not python\n")
    assert "__main__.py" in told(made.run("preview"))


def test_what_fails_after_the_program_shows_none_of_the_engine(made):
    made.program('pulumi.export("a", pulumi.runtime.invoke_output("fake:index:none", {}))\n')
    text = told(made.run("preview"))
    assert text.splitlines()[0] == "Program failed with an unhandled exception:"
    assert "no function fake:index:none" in text
    assert len(text.splitlines()) == 2


def test_what_fails_in_a_callback_shows_the_program_from_its_first_line(made):
    (made.root / "shelf.py").write_text("def fill(value):\n    raise ValueError(value)\n")
    made.program('import shelf\nThing("a").made.apply(shelf.fill)\n')
    text = told(made.run("up"))
    assert "shelf.py" in text
    assert "site-packages" not in text


def test_outputs_survive_a_failed_run(made):
    made.run("up")
    before = operations.outputs(made.project, "dev")
    made.program(PAIR + 'raise RuntimeError("late")\n')
    assert made.run("up").exit_code == 1
    assert operations.outputs(made.project, "dev") == before


def test_a_failed_step_ends_the_run_without_a_traceback(made):
    made.program('a = Thing("a", fail="disk full")\nb = Thing("b", size=a.made)\n')
    stream = io.StringIO()
    outcome = made.run("up", observe=TextDisplay(stream))
    assert outcome.exit_code == 1
    assert told(outcome) == "disk full"
    assert "fake:index:Thing a **creating failed**" in stream.getvalue()
    assert made.run("up").exit_code == 1


def test_a_resource_type_that_nothing_serves_is_named_with_the_way_out(made):
    made.program('pulumi.CustomResource("aws:s3/bucket:Bucket", "b", {})\n')
    for operation in ("preview", "up"):
        text = told(made.run(operation))
        assert "aws:s3/bucket:Bucket" in text
        assert "Pulumi CLI" in text
        assert "\n" not in text


@pytest.mark.parametrize(
    ("program", "names"),
    [
        ('Thing("a", file=pulumi.FileAsset("x"))', "asset"),
        ('Thing("a", opts=pulumi.ResourceOptions(hide_diffs=["x"]))', "hide_diffs"),
        ('Thing("a", opts=pulumi.ResourceOptions(plugin_download_url="x"))', "plugin_download_url"),
        (
            'Thing("a", opts=pulumi.ResourceOptions(custom_timeouts='
            'pulumi.CustomTimeouts(create="soon")))',
            "soon",
        ),
    ],
)
def test_what_is_not_supported_is_refused_by_name(made, program, names):
    outcome = made.program(program).run("preview")
    assert outcome.exit_code == 1
    assert names in told(outcome)


@pytest.mark.parametrize("barred", ['["fake"]', '["aws", " * "]'])
def test_a_package_may_be_barred_from_its_default_provider(tmp_path, barred):
    made = shop(
        tmp_path / "shop", 'Thing("a")', "config:\n  pulumi:disable-default-providers: []\n"
    )
    file = made.root / "Pulumi.dev.yaml"
    file.write_text(file.read_text().replace("[]", barred))
    outcome = made.run("up")
    assert outcome.exit_code == 1
    assert told(outcome) == (
        "Default provider for 'fake' disabled. 'fake:index:Thing' must use an explicit provider."
    )
    made.program("""
        class Fake(pulumi.ProviderResource):
            def __init__(self):
                super().__init__("fake", "mine", {})

        Thing("a", opts=pulumi.ResourceOptions(provider=Fake()))
    """)
    assert made.run("up").exit_code == 0


def test_a_list_of_barred_packages_must_be_one(tmp_path):
    settings = "config:\n  pulumi:disable-default-providers: fake\n"
    outcome = shop(tmp_path / "shop", 'Thing("a")', settings).run("preview")
    assert "pulumi:disable-default-providers must be a list" in told(outcome)


def test_other_packages_keep_their_default_providers(tmp_path):
    settings = "config:\n  pulumi:disable-default-providers: [docker]\n"
    assert shop(tmp_path / "shop", 'Thing("a")', settings).run("up").exit_code == 0


@pytest.mark.parametrize("operation", ["preview", "up", "destroy"])
def test_a_project_may_have_every_operation_begin_with_a_refresh(made, operation):
    made.run("up")
    path = made.root / "Pulumi.yaml"
    path.write_text(f"{path.read_text()}options: {{refresh: always}}\n")
    made.world.remove("b")
    outcome = made.run(operation)
    assert outcome.exit_code == 0
    assert (
        outcome.counts
        == {
            "preview": {"same": 3, "create": 1},
            "up": {"same": 3, "create": 1},
            "destroy": {"delete": 3},
        }[operation]
    )


def test_a_program_may_ask_for_a_version_of_pulumi(made):
    made.program('pulumi.require_pulumi_version(">=3.0.0")\nThing("a")\n')
    assert made.run("preview").exit_code == 0
    made.program('pulumi.require_pulumi_version(">=99.0.0")\nThing("a")\n')
    outcome = made.run("up")
    assert outcome.exit_code == 1
    assert told(outcome).startswith("require_pulumi_version asks for Pulumi >=99.0.0; the embedded")
    assert made.world.things() == {}


@pytest.mark.parametrize(
    ("program", "names"),
    [
        (
            "pulumi.runtime.register_invoke_transform(lambda args: None)",
            "the use of invoke transforms",
        ),
        ('pulumi.ErrorHook("e", lambda args: True)', "the error hook e"),
        (
            "import asyncio\n"
            "from pulumi.runtime.settings import register_package\n"
            'asked = register_package("terraform-provider", "1.0.0", "", "cloudy", "2.0", "")\n'
            "pulumi.Output.from_input(asyncio.ensure_future(asked)).apply(print)",
            "the package cloudy",
        ),
        (
            'call = pulumi.runtime.invoke_output("docker:index/getPlugin:get", {"name": "x"})\n'
            'pulumi.export("logs", call)',
            "function docker:index/getPlugin:get",
        ),
        (
            "try:\n"
            '    pulumi.runtime.invoke("docker:index/getPlugin:get", {"name": "x"})\n'
            "except Exception:\n"
            "    pass",
            "function docker:index/getPlugin:get",
        ),
        (
            'Thing("a", opts=pulumi.ResourceOptions(state_migrations=[lambda args: None]))',
            "the use of state migrations",
        ),
        ('pulumi.runtime.call("fake:index:do", {})', "the call Call of the program"),
    ],
)
def test_what_the_sdk_finds_unsupported_is_one_line_too(made, program, names):
    outcome = made.program(program).run("preview")
    assert outcome.exit_code == 1
    refusal = f"{names} is not supported by the embedded engine; use the Pulumi CLI"
    assert told(outcome).splitlines() == [refusal]


def test_what_the_program_prints_and_logs_is_told(made):
    made.program('print("hello")\npulumi.log.warn("careful")\npulumi.log.info("fyi")\n')
    outcome = made.run("preview")
    assert [(item.severity, item.message) for item in outcome.diagnostics] == [
        ("info", "hello"),
        ("warning", "careful"),
        ("info", "fyi"),
    ]


def test_modules_of_the_program_are_read_anew_in_each_run(made):
    module = made.root / "shelf.py"
    module.write_text("SIZE = 1\n")
    made.program('import shelf\nThing("a", size=shelf.SIZE)\n').run("up")
    module.write_text("SIZE = 200\n")
    assert made.run("up").counts == {"same": 1, "update": 1}
    assert made.world.things()["a"]["size"] == 200


def test_the_program_may_live_in_a_folder_of_its_own(made):
    (made.root / "__main__.py").rename(made.root / "program.txt")
    folder = made.root / "infra"
    folder.mkdir()
    (folder / "beside.py").write_text("NAME = 'beside'\n")
    (folder / "__main__.py").write_text(
        "import os, pulumi, beside\n"
        "pulumi.export('where', os.getcwd())\npulumi.export('name', beside.NAME)\n"
    )
    (made.root / "Pulumi.yaml").write_text(
        (made.root / "Pulumi.yaml").read_text() + "main: infra/\n"
    )
    cwd = Path.cwd()
    made.run("up")
    assert Path.cwd() == cwd
    assert operations.outputs(made.project, "dev") == {"where": str(folder), "name": "beside"}


def test_settings_reach_the_program_and_secret_ones_stay_secret(tmp_path):
    made = shop(
        tmp_path / "shop",
        """
        config = pulumi.Config()
        Thing("a", size=config.require_int("size"), words=config.require_object("words"))
        pulumi.export("token", config.require_secret("token"))
        """,
        """
        config:
          size: 3
          shop:words: [one, two]
        """,
    )
    from webstack.engine.project import settings

    settings.put(made.project, "dev", "token", "hush", secret=True)
    assert made.run("up").exit_code == 0
    assert made.world.things()["a"] == {"name": "a", "size": 3, "words": ["one", "two"]}
    assert operations.outputs(made.project, "dev") == {"token": "[secret]"}
    assert "hush" not in made.state_file.read_text()


def test_independent_resources_are_made_side_by_side(made):
    made.program('for number in range(4):\n    Thing(f"t{number}", slow=0.3)\n')
    made.run("up", RunOptions(parallel=4))
    assert made.world.most_at_once > 1


def test_no_more_are_made_at_once_than_asked(made):
    made.program('for number in range(6):\n    Thing(f"t{number}", slow=0.02)\n')
    made.run("up", RunOptions(parallel=2))
    assert made.world.most_at_once <= 2
    made.world.most_at_once = 0
    made.program("").run("up", RunOptions(parallel=1))
    assert made.world.most_at_once == 1


def test_many_slow_registrations_do_not_block_one_another(made):
    made.program(
        """
        slow = [Thing(f"t{number}", slow=0.05) for number in range(40)]
        last = Thing("last", size=pulumi.Output.all(*[thing.made for thing in slow]).apply(len))
        """
    )
    assert made.run("up", RunOptions(parallel=40)).counts == {"create": 42}


def test_functions_of_providers_can_be_called(made):
    made.program(
        """
        found = pulumi.runtime.invoke("fake:index:count", {"what": "things"})
        pulumi.export("count", found.value["count"])
        """
    )
    assert made.run("up").outputs["count"] == 0
    made.program('pulumi.runtime.invoke("fake:index:nothing", {})\n')
    assert "no function" in told(made.run("preview"))


def test_resources_can_be_looked_at(made):
    made.program('Thing("a", size=4)\n').run("up")
    id_ = made.world.ids()["a"]
    made.program(
        f"""
        Thing("a", size=4)
        look = Thing("look", name=None, opts=pulumi.ResourceOptions(id="{id_}"))
        pulumi.export("name", look.name)
        """
    )
    first = made.run("up")
    assert first.outputs["name"] == "a"
    assert first.counts == {"same": 2}
    assert made.program('Thing("a", size=4)\n').run("up").counts == {"same": 2, "discard": 1}
    assert "a" in made.world.things()


def test_a_preview_in_json_lists_what_only_gains_protection(made):
    made.program('Thing("a")\nThing("b")\n').run("up")
    made.program('Thing("a", opts=pulumi.ResourceOptions(protect=True))\nThing("b")\n')
    digest = PreviewDigest()
    with made.served():
        operations.preview(made.project, "dev", observe=digest)
    steps = digest.document()["steps"]
    named = [(step["op"], step["urn"].rpartition("::")[2]) for step in steps]
    assert named == [("same", "shop-dev"), ("same", "a")]


def test_another_stack_of_the_project_can_be_referred_to(made):
    stacks.init(made.project, "other")
    made.program(
        'pulumi.export("url", "http://a")\npulumi.export("pw", pulumi.Output.secret("s"))\n'
    )
    with made.served():
        operations.up(made.project, "other")
    made.program(
        """
        other = pulumi.StackReference("organization/shop/other")
        pulumi.export("url", other.get_output("url"))
        pulumi.export("pw", other.get_output("pw"))
        """
    )
    assert made.run("up").exit_code == 0
    assert operations.outputs(made.project, "dev") == {"url": "http://a", "pw": "[secret]"}
    made.program('pulumi.StackReference("organization/shop/none")\n')
    assert "no stack named 'none'" in told(made.run("preview"))


def test_a_resource_reference_comes_back_as_the_resource(made):
    made.program(
        """
        a = Thing("a")
        part = Part("part")
        part.register_outputs({"a": a})
        pulumi.export("a", a)
        """
    )
    assert made.run("up").exit_code == 0
    assert made.run("up").counts == {"same": 3}


def test_an_explicit_provider_serves_those_that_name_it(made):
    made.program(
        """
        provider = pulumi.ProviderResource("fake", "mine", {"host": "h"})
        Thing("a", opts=pulumi.ResourceOptions(provider=provider))
        """
    )
    assert made.run("up").counts == {"create": 3}
    latest = stacks.export(made.project, "dev")["deployment"]["resources"]
    mine = next(item for item in latest if item["urn"].endswith("::mine"))
    a = next(item for item in latest if item["urn"].endswith("::a"))
    assert a["provider"] == f"{mine['urn']}::{mine['id']}"
    assert made.run("up").counts == {"same": 3}


# ---- what must not be run


def test_a_wrong_passphrase_is_one_line_and_writes_nothing(made):
    made.run("up")
    before = made.state_file.read_bytes()
    made.environ["PULUMI_CONFIG_PASSPHRASE"] = "wrong"
    for operation in ("preview", "up", "refresh", "destroy"):
        with pytest.raises(PassphraseError) as caught:
            made.run(operation)
        assert "\n" not in str(caught.value)
    assert made.state_file.read_bytes() == before


def test_an_unknown_stack_is_named_with_the_way_out(made):
    with pytest.raises(StackNotFoundError, match="stack init prod") as caught:
        operations.preview(made.project, "prod")
    assert caught.value.exit_code == 6


def test_a_damaged_state_is_never_overwritten(made):
    made.run("up")
    made.state_file.write_text(made.state_file.read_text()[:-30])
    before = made.state_file.read_bytes()
    for operation in ("preview", "up", "refresh", "destroy"):
        with pytest.raises(StateError, match="damaged"):
            made.run(operation)
    assert made.state_file.read_bytes() == before


def test_a_state_of_a_newer_version_is_left_alone(made):
    document = json.loads(made.state_file.read_text())
    made.state_file.write_text(json.dumps({**document, "version": 9}))
    with pytest.raises(StateError, match="version 9"):
        made.run("up")


def test_a_second_run_is_kept_out(made):
    made.program('import time\nThing("a", slow=1)\n')
    first = threading.Thread(target=made.run, args=("up",))
    first.start()
    folder = made.root / ".state/.pulumi/locks/organization/shop/dev"
    deadline = time.monotonic() + 10
    while not list(folder.glob("*.json")) and time.monotonic() < deadline:
        time.sleep(0.01)
    with pytest.raises(LockedError):
        operations.up(made.project, "dev")
    first.join()
    assert sorted(made.world.things()) == ["a"]


@pytest.mark.parametrize("free", range(4, 40, 4))
def test_a_disk_that_fills_up_is_told_and_the_next_run_converges(made, small_disk, free):
    """A resource that was made without being written down is found again, and not made twice."""
    made.environ["PULUMI_BACKEND_URL"] = f"file://{small_disk}"
    stacks.init(made.project, "dev")
    made.program('for number in range(6):\n    Thing(f"t{number}", text="x" * 1500)\n')
    (small_disk / "ballast").write_bytes(b"0" * 1024 * (48 - free))
    outcome = made.run("up")
    assert outcome.exit_code == 1
    assert "No space left on device" in told(outcome)
    said = told(outcome).splitlines()
    assert len(said) == len(set(said)), "one cause, one line, however many resources meet it"
    subprocess.run(["mount", "-o", "remount,size=8m", str(small_disk)], check=True)
    again = made.run("up")
    assert again.exit_code == 0
    assert sorted(made.world.things()) == [f"t{number}" for number in range(6)]
    assert made.run("up").counts == {"same": 7}


@pytest.mark.parametrize("outputs", ["part.register_outputs", "pulumi.export"])
def test_a_disk_without_room_for_outputs_is_told_in_one_line(made, small_disk, outputs):
    made.environ["PULUMI_BACKEND_URL"] = f"file://{small_disk}"
    stacks.init(made.project, "dev")
    given = '{"text": "x" * 60_000}' if "part" in outputs else '"text", "x" * 60_000'
    made.program(f'part = Part("part")\n{outputs}({given})\n')
    outcome = made.run("up")
    assert outcome.exit_code == 1
    assert len(told(outcome).splitlines()) == 1
    assert "No space left on device" in told(outcome)


def test_a_history_that_cannot_be_written_fails_the_run_once(made, tmp_path):
    (made.root / ".state/.pulumi/history").write_text("")
    made.program('Thing("a")\n')
    outcome = made.run("up")
    assert outcome.exit_code == 1
    assert len(told(outcome).splitlines()) == 1
    assert made.run("preview").counts == {"same": 2}


def test_a_folder_that_nobody_may_write_to_is_named(made, tmp_path):
    blocked = tmp_path / "blocked"
    blocked.write_text("")
    (made.root / ".state").rename(tmp_path / "state")
    made.environ["PULUMI_BACKEND_URL"] = f"file://{tmp_path / 'state'}"
    locks = tmp_path / "state/.pulumi/locks"
    shutil.rmtree(locks, ignore_errors=True)
    locks.write_text("")
    with pytest.raises(BackendError, match=str(locks)):
        made.run("up")
    assert made.run("preview").exit_code == 0


# ---- interrupts, in processes of their own

SCRIPT = """
import sys
from pathlib import Path
from webstack.engine.display.text_display import TextDisplay
from webstack.engine.operations.operations import RunOptions
from tests.webstack.engine.stacks import Shop
from tests.webstack.engine.world import World
root = Path(sys.argv[1])
made = Shop(root, World(root / "world"))
outcome = made.run("up", RunOptions(parallel=2), observe=TextDisplay(sys.stdout))
raise SystemExit(outcome.exit_code)
"""


def start(made):
    root = Path(__file__).parents[4]
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(SCRIPT), str(made.root)],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def wait_for(process, text):
    seen = []
    for line in process.stdout:
        seen.append(line)
        if text in line:
            return
    raise AssertionError("".join(seen))


def wait_until_under_way(made):
    deadline = time.monotonic() + 20
    while "creating" not in made.state_file.read_text():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_one_interrupt_lets_running_steps_finish_and_saves(made):
    made.program('a = Thing("a", slow=1)\nb = Thing("b", size=a.made)\n')
    with start(made) as process:
        wait_for(process, "Thing a creating")
        process.send_signal(signal.SIGINT)
        rest = process.communicate(timeout=30)[0]
    assert process.returncode == 1
    assert "press ^C again" in rest
    assert "update canceled" in rest
    assert "Traceback" not in rest
    assert sorted(made.world.things()) == ["a"]
    assert made.program('a = Thing("a")\n').run("preview").counts["same"] == 2


def test_two_interrupts_end_it_at_once_and_the_next_run_mends_it(made):
    made.program('a = Thing("a", slow=60)\n')
    with start(made) as process:
        wait_for(process, "Thing a creating")
        process.send_signal(signal.SIGINT)
        wait_for(process, "press ^C again")
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
    assert process.returncode == 1
    assert made.program('a = Thing("a")\n').run("up").exit_code == 0
    assert sorted(made.world.things()) == ["a"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_one_interrupt_ends_a_run_in_seconds_whatever_it_waits_for(made, number):
    made.program('a = Thing("a", slow=60)\n')
    with start(made) as process:
        wait_for(process, "Thing a creating")
        began = time.monotonic()
        process.send_signal(number)
        process.communicate(timeout=20)
    assert time.monotonic() - began < 10
    assert process.returncode == 1
    outcome = made.program('a = Thing("a")\n').run("up")
    assert outcome.exit_code == 0
    assert "took over the lock" not in told(outcome)


def test_a_killed_run_locks_nobody_out(made):
    made.program('a = Thing("a", slow=60)\n')
    with start(made) as process:
        wait_until_under_way(made)
        process.kill()
    outcome = made.program('a = Thing("a")\n').run("up")
    assert outcome.exit_code == 0
    assert "took over the lock" in told(outcome)
    assert "interrupted while creating" in told(outcome)
