"""The engine runs a program, and keeps nothing of it that it must not keep."""

from __future__ import annotations

import logging
import os
import sys
import time

import pytest

from tests.webstack.engine.stacks import shop

SIZE = 'Thing("a", size={})\n'


@pytest.fixture(autouse=True)
def compiling(monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", False)


def compiled(made):
    return list(made.root.glob("__pycache__/__main__.*"))


def test_a_second_edit_within_a_second_is_seen(tmp_path):
    made = shop(tmp_path / "shop", SIZE.format(1))
    now = int(time.time())
    for size in (1, 2, 3):
        made.program(SIZE.format(size))
        os.utime(made.root / "__main__.py", (now, now))
        made.run("up")
        assert made.world.things()["a"]["size"] == size


def test_a_program_left_alone_is_compiled_once(tmp_path):
    made = shop(tmp_path / "shop", SIZE.format(1))
    made.run("preview")
    assert not compiled(made)
    os.utime(made.root / "__main__.py", (1_000_000_000, 1_000_000_000))
    made.run("preview")
    assert compiled(made)


def said(outcome):
    return [item.message for item in outcome.diagnostics]


def test_all_output_comes_before_the_summary_and_complete(tmp_path):
    made = shop(
        tmp_path / "shop",
        """
        import atexit, os, subprocess, sys
        atexit.register(lambda: print("the last"))
        atexit.register(print, "before", "the last", end="")
        dropped = atexit.register(lambda: print("never"))
        atexit.unregister(dropped)
        print("begun, ", end="")
        print("and ended")
        sys.stdout.buffer.write("bytes ü\\n".encode())
        subprocess.run(["sh", "-c", "echo a child; echo its error >&2"])
        subprocess.run(["echo", "passed on"], stdout=sys.stdout)
        assert subprocess.run(["echo", "kept"], capture_output=True).stdout == b"kept\\n"
        subprocess.run(["sh", "-c", "(sleep 0.3; echo late) &"])
        Thing("a")
        print("without an end", end="")
        """,
    )
    seen = []
    outcome = made.run("up", observe=seen.append)
    assert sorted(said(outcome)) == sorted(
        [
            "begun, and ended",
            "bytes ü",
            "a child",
            "its error",
            "passed on",
            "late",
            "without an endbefore the lastthe last",
        ]
    )
    assert type(seen[-1]).__name__ == "Ended"


def test_an_ending_that_fails_is_told_and_the_others_come_all_the_same(tmp_path):
    text = "import atexit\natexit.register(print, 'first')\natexit.register(lambda: 1 / 0)\n"
    outcome = shop(tmp_path / "shop", text).run("up")
    assert said(outcome)[-1] == "first"
    assert "ZeroDivisionError: division by zero" in said(outcome)


def test_what_libraries_register_for_the_end_of_the_process_stays_for_that(tmp_path, monkeypatch):
    registered = []
    monkeypatch.setattr("atexit.register", lambda function, *_args: registered.append(function))
    library = tmp_path / "library.py"
    library.write_text("import atexit\natexit.register(print, 'not yet')\n")
    text = f"import sys\nsys.path.insert(0, {str(tmp_path)!r})\nimport library\n"
    monkeypatch.delitem(sys.modules, "library", raising=False)
    assert said(shop(tmp_path / "shop", text).run("up")) == []
    assert registered == [print]


def test_a_second_run_logs_as_the_first(tmp_path):
    made = shop(
        tmp_path / "shop",
        """
        import logging
        logging.basicConfig(level=logging.INFO, format="%(name)s: %(message)s", force=False)
        logging.getLogger("mine").info("hello")
        logging.getLogger("mine").setLevel(logging.ERROR)
        logging.disable(logging.CRITICAL)
        """,
    )
    root = logging.getLogger()
    before = (root.level, list(root.handlers))
    root.handlers[:] = []
    try:
        assert [said(made.run(operation)) for operation in ("preview", "up")] == [
            ["mine: hello"]
        ] * 2
        assert root.handlers == []
    finally:
        root.level, root.handlers[:] = before


def test_the_environment_is_the_same_for_every_run(tmp_path, monkeypatch):
    monkeypatch.setenv("SHOP_KEPT", "before")
    monkeypatch.delenv("SHOP_NEW", raising=False)
    made = shop(
        tmp_path / "shop",
        """
        import os
        print(os.environ["SHOP_KEPT"], os.environ.get("SHOP_NEW"))
        os.environ.update(SHOP_KEPT="after", SHOP_NEW="1")
        """,
    )
    assert [said(made.run(operation)) for operation in ("preview", "up")] == [["before None"]] * 2
    assert os.environ["SHOP_KEPT"] == "before"


def test_a_program_does_not_move_the_engine_to_another_docker(tmp_path, monkeypatch):
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "x")
    monkeypatch.setenv("DOCKER_HOST", "unix:///of-the-user.sock")
    made = shop(
        tmp_path / "shop",
        """
        import os
        os.environ["DOCKER_HOST"] = "unix:///of-the-program.sock"
        pulumi.CustomResource("docker:index/volume:Volume", "v", {})
        """,
    )
    made.environ = os.environ
    outcome = made.run("up")
    assert outcome.exit_code == 1
    text = "\n".join(said(outcome))
    assert "/of-the-user.sock" in text
    assert "/of-the-program.sock" not in text
