"""One issue tells the drift of a stack: opened, edited, closed; no other issue is touched."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / ".ci" / "report-drift"
GH = """#!/bin/sh
case "$1 $2" in
  "issue list") cat "$HERE/issues" ;;
  *) echo "$@" | sed "s#/tmp/[^ ]*#FILE#" >> "$HERE/done" ;;
esac
"""


def run(folder: Path, code: int, issues: str = "") -> tuple[int, str]:
    """Run the script after a drift with this exit code, with a fake `gh` that notes its calls."""
    commands = {
        ".venv/bin/webstack": f"#!/bin/sh\necho what drifted\nexit {code}\n",
        "bin/gh": GH,
    }
    for name, text in commands.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(0o755)
    (folder / ".ci").mkdir()
    shutil.copy(SCRIPT, folder / ".ci")
    (folder / "issues").write_text(issues)
    environment = {**os.environ, "PATH": f"{folder}/bin:{os.environ['PATH']}", "HERE": str(folder)}
    command = [folder / ".ci" / "report-drift", "staging"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    noted = folder / "done"
    return done.returncode, noted.read_text() if noted.exists() else ""


@pytest.mark.parametrize(
    ("code", "issues", "called"),
    [
        (0, "", ""),
        (0, "7\n", "issue close 7 --comment what drifted\n"),
        (2, "", "issue create --title Drift in staging --body-file FILE\n"),
        (2, "7\n", "issue edit 7 --body-file FILE\n"),
        (1, "7\n", ""),
    ],
)
def test_the_issue_follows_the_drift(tmp_path: Path, code: int, issues: str, called: str):
    assert run(tmp_path, code, issues) == (code, called)
