"""A program whose sources ask for the time, for chance or for other machines runs each time."""

from __future__ import annotations

from pathlib import Path

import pytest

from webstack.cli.settled.program_sources import reasons

ROOT = Path(__file__).parents[4]


@pytest.mark.parametrize(
    "line",
    [
        "tag = datetime.now().isoformat()",
        "tag = datetime.datetime.utcnow()",
        "tag = date.today()",
        "minute = int(time.time()) // 60",
        "from time import time",
        "from uuid import uuid4",
        "import random",
        "import uuid as u",
        "name = secrets.token_hex(4)",
        "import pulumi_aws as aws",
        "import pulumi, requests_toolbelt",
        "from httpx import get",
        "    import pulumi_random",
        "key = os.urandom(8)",
    ],
)
def test_a_line_is_a_reason(tmp_path: Path, line: str):
    file = tmp_path / "stack.py"
    file.write_text(f"import pulumi\n{line}\n")
    assert [*reasons([file], tmp_path)] != []


def test_a_line_that_decides_nothing_says_so(tmp_path: Path):
    file = tmp_path / "stack.py"
    file.write_text("now = datetime.now()  # no input: it is only printed\n")
    assert [*reasons([file], tmp_path)] == []


def test_what_is_of_the_project_or_of_python_is_none(tmp_path: Path):
    (tmp_path / "names.py").write_text("")
    (tmp_path / "parts").mkdir()
    file = tmp_path / "stack.py"
    file.write_text(
        "from __future__ import annotations\nimport json, os.path\nimport names\n"
        "from parts.web import Web\nfrom infra.settings import read\n"
        "import pulumi_docker as docker\n"
        "time = 3\nupdated = times.time_of(3)\n"
    )
    assert [*reasons([file], tmp_path)] == []


def test_the_program_of_this_project_has_no_reason():
    files = [*(ROOT / "infra").rglob("*.py"), *(ROOT / "proxy").glob("*.py")]
    in_containers = ("scheduler.py", "hold.py", "relay.py")
    apart = {ROOT / "infra" / name for name in ("policies/pack.py", "testing.py")}
    program = [file for file in files if file.name not in in_containers and file not in apart]
    assert len(program) > 100
    assert [*reasons(program, ROOT / "infra")] == []
