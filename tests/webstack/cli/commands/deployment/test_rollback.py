"""The right release comes back, and the user is told when none can."""

import base64
import json
import os
import zlib
from argparse import Namespace
from pathlib import Path

import pytest

from tests.webstack.cli.release_states import exported, record, summary
from webstack.cli.commands.deployment import rollback
from webstack.cli.commands.deployment.rollback import chosen
from webstack.cli.review.migrations import missing
from webstack.cli.review.model import Migration
from webstack.cli.state.stack_state import Summary
from webstack.cli.terminal.errors import OpsError
from webstack.contract.variables import RETURNING

KNOWN = [summary(3), summary(4), summary(5), summary(6, first=4, rollback_of=4)]


@pytest.mark.parametrize(
    ("known", "number", "expected"),
    [
        (KNOWN[:3], None, 4),
        (KNOWN, None, 3),
        ([*KNOWN, summary(7)], None, 6),
        (KNOWN, 5, 5),
        (KNOWN, 6, 6),
    ],
)
def test_the_release_named_or_the_one_before(known, number, expected):
    """A second rollback goes further back, not forward to what was left."""
    assert chosen("dev", known, number).number == expected


@pytest.mark.parametrize(
    ("known", "number", "says"),
    [
        ([], None, "dev has no release yet"),
        (KNOWN[:1], None, "no release before 3 of dev is kept"),
        (KNOWN, 2, "release 2 of dev is not kept any more, the oldest is 3"),
        (KNOWN, 9, "dev has no release 9, the last is 6"),
        (KNOWN, 0, "dev has no release 0"),
    ],
)
def test_what_cannot_come_back_is_said_in_one_line(known, number, says):
    with pytest.raises(OpsError, match=says) as caught:
        chosen("dev", known, number)
    assert "\n" not in str(caught.value)


class FakeDocker:
    """A daemon that lacks some images."""

    def __init__(self, missing=()):
        self.missing = missing
        self.announced = []

    def announce_reload(self, seconds):
        self.announced.append(seconds)

    def image_id(self, reference):
        if reference in self.missing:
            return None
        return reference if reference.startswith("sha256:") else f"sha256:{reference}"


@pytest.fixture
def run(session, run):
    """Run a command line on a stack with releases 1 and 2; an answer means a terminal."""
    handed = []

    def up(options):
        handed.append(json.loads(Path(os.environ[RETURNING]).read_text()))
        session.records.found["release"] = 3
        return 0

    def with_images(*words, answer=None, missing=()):
        run.docker = with_images.docker = FakeDocker(missing)
        run.faults = with_images.faults
        return run(*words, answer=answer)

    session.records.deployment = exported(summary(1), summary(2))
    session.records.found["release"] = 2
    session.runner.up = up
    with_images.handed, with_images.faults = handed, {}
    return with_images


def test_a_rollback_to_what_does_not_answer_is_told(run, capsys):
    run.faults = {"shop-0": "has ended (exit code 1)"}
    assert run("rollback") == 1
    out, err = capsys.readouterr()
    assert "is back" not in out
    assert "error: shop-0 has ended (exit code 1)\n" in err


def test_a_rollback_hands_over_the_record_and_what_must_stay(run, capsys):
    assert run("rollback") == 0
    (handed,) = run.handed
    assert handed["record"] == record(summary(1))
    assert handed["kept"] == {"shop": {"data": True, "volumes": [], "secrets": {"shop-key": 2}}}
    assert RETURNING not in os.environ
    assert "dev is back at release 1, as release 3, after" in capsys.readouterr().out


def test_a_release_that_is_in_force_already_is_said(run, session, capsys):
    def same(options):
        return 0

    session.runner.up = same
    assert run("rollback", "2") == 0
    assert "release 2 is what was asked for, and it is in force" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("configurations", "announced"),
    [({}, []), ({2: "server { }"}, [rollback.ANNOUNCED]), ({1: None}, [rollback.ANNOUNCED])],
)
def test_clients_are_told_ahead_of_a_reload_only(run, session, configurations, announced):
    session.records.deployment = exported(summary(1), summary(2), configurations=configurations)
    assert run("rollback") == 0
    assert run.docker.announced == announced


def test_a_record_of_another_version_is_left_to_the_program_to_judge(run, session):
    strange = base64.b64encode(zlib.compress(b'{"number": 1}')).decode()
    session.records.deployment = exported(summary(1), summary(2)).replace(
        json.dumps(record(summary(1)))[1:-1], strange
    )
    assert run("rollback") == 0
    assert [handed["record"] for handed in run.handed] == [strange]
    assert run.docker.announced == []


def test_someone_at_a_terminal_is_asked(run, capsys):
    assert run("rollback", answer="n") == 8
    assert "Go back from release 2 of dev to release 1 (2026-11-21" in capsys.readouterr().out
    assert run.handed == []
    assert run("rollback", "--yes", answer="n") == 0


def test_an_image_that_is_gone_is_named(run, capsys):
    assert run("rollback", "1", missing={"webstack/shop:1"}) == 1
    err = capsys.readouterr().err
    assert "error: release 1 of dev cannot come back: its image webstack/shop:1 is gone" in err
    assert run.handed == []


OWN = {"shop": "sha256:webstack/shop:1"}


@pytest.mark.parametrize(
    ("ids", "others", "missing", "says"),
    [
        (OWN, {}, (), None),
        ({}, {}, (), None),
        ({"shop": "sha256:old"}, {}, (), "`docker tag sha256:old webstack/shop:1` gives it back"),
        ({"shop": "sha256:old"}, {}, ("sha256:old",), "`webstack releases` lists others"),
        ({"shop": "sha256:old"}, OWN, (), None),
    ],
)
def test_a_tag_that_someone_has_overwritten_brings_nothing_else_back(
    run, session, capsys, ids, others, missing, says
):
    """An image that was built anew under the tag, and has run since, does come back."""
    known = (
        summary(1, image_ids=ids),
        summary(2, image_ids=others, images=summary(1).images if others else summary(2).images),
    )
    session.records.deployment = exported(*known)
    assert run("rollback", "1", missing=missing) == (1 if says else 0)
    err = capsys.readouterr().err
    assert ("its image webstack/shop:1 is another by now" in err) is bool(says)
    assert (says or "") in err


@pytest.mark.parametrize("words", [["1"], ["1", "dev"], ["dev", "1"], ["dev"], ["-s", "dev", "1"]])
def test_number_and_stack_come_in_any_order(run, words):
    assert run("rollback", *words) == 0
    assert run.handed[0]["record"] == record(summary(1))


@pytest.mark.parametrize("words", [["1", "2"], ["dev", "staging"], ["dev", "-s", "dev"]])
def test_more_words_are_refused(run, words, capsys):
    assert run("rollback", *words) == 1
    assert "one release and one stack at most" in capsys.readouterr().err


def migration(judgement: str) -> Migration:
    return Migration("shop", "orders/migrations/0005_drop.py", judgement)


def look(found: list[Migration], *, despite: bool = False) -> None:
    target = Summary(3, "2026-11-29T00:00:00+00:00", "", None, None, 3, {})
    options = Namespace(despite_migrations=despite)
    rollback._look_at_migrations("dev", target, found, options)


def test_a_release_does_not_come_back_onto_a_database_that_it_cannot_run_on(
    capsys: pytest.CaptureFixture[str],
):
    found = [migration("cannot: it removes order.note"), migration("unknown: RunPython")]
    with pytest.raises(OpsError, match=r"cannot run on the database: 0005_drop\.py; go forward"):
        look(found)
    told = capsys.readouterr().err.splitlines()
    assert told == [
        "shop: orders/migrations/0005_drop.py stays: "
        "old code cannot run on it: it removes order.note",
        "shop: orders/migrations/0005_drop.py stays: "
        "nobody can tell whether old code can live with it: RunPython",
    ]


def test_it_comes_back_where_it_can_live_with_them_or_is_told_to():
    look([migration(""), migration("unknown: RunPython")])
    look([migration("cannot: it removes order.note")], despite=True)


def test_migrations_between_two_releases_are_those_that_the_earlier_lacks():
    now = {"shop": {"migrations": {"m/0001.py": "", "m/0002.py": "unknown: x"}}, "new": {}}
    then = {"shop": {"migrations": {"m/0001.py": ""}}, "gone": {"migrations": {"m/1.py": ""}}}
    assert list(missing(now, then)) == [Migration("shop", "m/0002.py", "unknown: x")]
    for earlier in ({}, {"shop": {}}, {"shop": {"migrations": None}}):
        assert list(missing(now, earlier)) == []
