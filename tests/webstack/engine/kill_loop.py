"""Kill a run at every point where it touches the disk or the world, one after another.

Run it as a program, so that it may fork: ``kill_loop.py FOLDER SCENARIO``. Every killed run is
followed by one that must end well by itself and leave exactly what the program declares. A second
run after it must find nothing to do. For each point a line of JSON is printed.
"""

from __future__ import annotations

import gc
import importlib.metadata  # noqa: F401 - before forking, as below
import itertools
import json
import os
import shutil
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

# Imported before forking, for speed: each run would import them anew.
import google.protobuf.json_format  # noqa: F401
import pulumi  # noqa: F401

from tests.webstack.engine.stacks import Shop, shop
from tests.webstack.engine.world import World
from webstack.engine.operations import stacks
from webstack.engine.program import monitor  # noqa: F401
from webstack.engine.sdk import callbacks, sdk, transforms  # noqa: F401
from webstack.engine.storage import files, locks

# Name of the scenario: the program before, and the one whose run is killed.
SCENARIOS = {
    "create": (
        "",
        """
        part = Part("part")
        below = pulumi.ResourceOptions(parent=part)
        a = Thing("a", opts=below, size=1)
        b = Thing("b", opts=below, size=a.made)
        c = Thing("c", half_made=True, opts=pulumi.ResourceOptions(depends_on=[b]))
        part.register_outputs({"b": b.made})
        pulumi.export("made", c.made)
        """,
    ),
    "change": (
        """
        a = Thing("a", size=1)
        b = Thing("b", size=a.made, fixed=1)
        Thing("gone", opts=pulumi.ResourceOptions(depends_on=[b]))
        """,
        """
        a = Thing("a", size=2)
        b = Thing("b", size=a.made, fixed=1)
        Thing("new", size=b.made)
        """,
    ),
    "replace": (
        """
        a = Thing("a", first=True, fixed=1)
        b = Thing("b", first=True, fixed=a.made)
        c = Thing("c", name=None, fixed=1)
        """,
        """
        a = Thing("a", first=True, fixed=2)
        b = Thing("b", first=True, fixed=a.made)
        c = Thing("c", name=None, fixed=2)
        """,
    ),
    "rename": (
        """
        a = Thing("a", size=1)
        Thing("b", size=a.made)
        """,
        """
        called = pulumi.ResourceOptions(aliases=[pulumi.Alias(name="a")])
        a = Thing("other", name="a", size=2, opts=called)
        Thing("c", size=a.made)
        """,
    ),
}


class Bomb:
    """Counts points and kills this process at the one it was made for."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.count = 0

    def __call__(self, where: str) -> None:
        self.count += 1
        if self.count == self.at:
            os.kill(os.getpid(), signal.SIGKILL)
            signal.pause()


def main(folder: Path, scenario: str) -> None:
    before, after = SCENARIOS[scenario]
    template = shop(folder / "template", before)
    assert in_child(lambda: up(template, None)) == 0
    gc.freeze()  # or each fork would copy all that it only looks through for garbage
    template.program(after)
    for at in itertools.count(1):
        root = folder / str(at)
        shutil.copytree(template.root, root)
        project = Shop(root, World(root / "world"))
        status = in_child(lambda at=at, project=project: up(project, Bomb(at)))
        killed = status == -signal.SIGKILL
        print(json.dumps({"at": at, "killed": killed, **recovery(project)}), flush=True)
        shutil.rmtree(root)
        if not killed:
            return


def up(project: Shop, bomb: Bomb | None) -> int:
    if bomb is not None:
        plant(project, bomb)
    outcome = project.run("up")
    for item in outcome.diagnostics:
        if item.severity == "error":
            print(item.message, file=sys.stderr)
    return outcome.exit_code


def recovery(project: Shop) -> dict[str, object]:
    """Run again, twice; gives the result of each run and the world in the end."""
    first, second = project.root / "first", project.root / "second"
    for report in (first, second):
        status = in_child(lambda report=report: report_up(project, report))
        if status:
            return {"failed": status}
    return {
        "first": json.loads(first.read_text()),
        "second": json.loads(second.read_text()),
        "world": sorted(project.world.things()),
        "state": in_state(project),
        "litter": [path.name for path in (project.state_file.parent).glob(".*")],
        "locks": len(locks.list_locks(project.root / ".state/.pulumi/locks/organization/shop/dev")),
    }


def report_up(project: Shop, report: Path) -> int:
    outcome = project.run("up")
    report.write_text(json.dumps(dict(outcome.counts)))
    return outcome.exit_code


def in_state(project: Shop) -> dict[str, object]:
    latest = stacks.export(project.project, "dev")["deployment"]
    things = [item for item in latest["resources"] if item["type"] == "fake:index:Thing"]
    return {
        "ids": {item["inputs"]["name"]: item["id"] for item in things} == project.world.ids(),
        "pending": len(latest.get("pending_operations", ())),
        "marked": sum("delete" in item or "pendingReplacement" in item for item in things),
    }


def plant(project: Shop, bomb: Callable[[str], None]) -> None:
    write, replace = files.write, Path.replace

    def written(path: Path, text: str, **options: object) -> None:
        bomb(f"before writing {path.name}")
        write(path, text, **options)
        bomb(f"after writing {path.name}")

    def replaced(self: Path, target: Path) -> Path:
        bomb(f"before naming {target}")
        return replace(self, target)

    files.write = written
    Path.replace = replaced
    project.world = World(project.world.folder, bomb)


def in_child(work: Callable[[], int]) -> int:
    """Do the work in a fork; gives its exit code, which is negative for a signal."""
    child = os.fork()
    if child == 0:
        try:
            code = work()
        except BaseException:
            traceback.print_exc()
            code = 99
        sys.stdout.flush()
        os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
