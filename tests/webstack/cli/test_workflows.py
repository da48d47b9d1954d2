"""The workflows keep their promises: least rights, no secret for forks, one deploy at a time."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from webstack.cli import main
from webstack.engine.storage.crypto import new_salt

ROOT = Path(__file__).parents[3]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def read(name: str) -> Any:
    return yaml.safe_load((ROOT / ".github" / "workflows" / f"{name}.yml").read_text())


def jobs() -> Iterator[Any]:
    for file in WORKFLOWS:
        for name, job in yaml.safe_load(file.read_text())["jobs"].items():
            yield pytest.param(file.stem, job, id=f"{file.stem}-{name}")


@pytest.mark.parametrize(("workflow", "job"), list(jobs()))
def test_each_job_says_what_it_may_and_ends_in_time(workflow: str, job: Any):
    rights = {**(read(workflow)["permissions"] or {}), **(job.get("permissions") or {})}
    assert rights
    assert set(rights.values()) <= {"read", "write"}
    assert rights.get("contents", "read") == "read"
    assert job["timeout-minutes"] <= 60


@pytest.mark.parametrize(("workflow", "job"), list(jobs()))
def test_actions_are_pinned_and_keep_no_credentials(workflow: str, job: Any):
    for step in job["steps"]:
        if "uses" in step:
            assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", step["uses"])
            if step["uses"].startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False


@pytest.mark.parametrize(("workflow", "job"), list(jobs()))
def test_nothing_that_others_write_becomes_a_command(workflow: str, job: Any):
    """Titles and branch names reach scripts as variables only."""
    for step in job["steps"]:
        assert "${{" not in step.get("run", "")


def test_a_fork_gets_no_secret_no_runner_of_ours_and_no_right_to_write():
    job = read("preview")["jobs"]["fork"]
    assert "secrets." not in json.dumps(job)
    assert "environment" not in job
    assert job["runs-on"] == "ubuntu-24.04"
    assert set(job["permissions"].values()) == {"read"}
    assert "head.repo.full_name != github.repository" in job["if"]
    assert "head.repo.full_name == github.repository" in read("preview")["jobs"]["own"]["if"]
    assert "pull_request_target" not in json.dumps(read("preview"), default=str)


def test_the_comment_on_a_fork_runs_no_code_of_it():
    job = read("comment")["jobs"]["fork"]
    assert "secrets." not in json.dumps(job)
    checkout = next(step for step in job["steps"] if "checkout" in step.get("uses", ""))
    assert set(checkout["with"]) == {"persist-credentials"}
    runs = [step["run"] for step in job["steps"] if "run" in step]
    assert [run for run in runs if "untrusted" in run] == [runs[-1]]
    assert runs[-1].startswith(".venv/bin/webstack comment untrusted/preview.json")


def test_deployments_wait_for_each_other_and_for_their_environment():
    job = read("deploy")["jobs"]["deploy"]
    assert job["concurrency"] == {
        "group": "deploy-${{ matrix.stack }}",
        "cancel-in-progress": False,
    }
    assert job["environment"] == "${{ matrix.stack }}"
    assert job["strategy"]["matrix"]["stack"] == ["staging", "production"]
    assert job["strategy"]["max-parallel"] == 1
    assert job["strategy"]["fail-fast"] is True
    (up,) = [step["run"] for step in job["steps"] if " up " in step.get("run", "")]
    assert "--plan reviewed/plan.json" in up


def test_gitlab_s_example_deploys_one_at_a_time_by_plan():
    jobs = yaml.safe_load((ROOT / "docs" / "gitlab-ci.yml").read_text())
    assert jobs[".deploy"]["resource_group"] == "deploy-$STACK"
    assert "--plan plan.json" in jobs[".deploy"]["script"][-1]
    assert jobs["production"]["rules"][0]["when"] == "manual"
    assert (
        "CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_PROJECT_ID"
        in (jobs["preview"]["rules"][0]["if"])
    )


def commands() -> Iterator[str]:
    """Give the webstack commands of all workflows and examples."""
    files = [*WORKFLOWS, ROOT / "docs" / "gitlab-ci.yml", ROOT / ".ci" / "preview-fork"]
    for file in files:
        for line in re.findall(r"\.venv/bin/webstack ([^\n>|\\]+)", file.read_text()):
            yield line.strip()


@pytest.mark.parametrize("command", sorted(set(commands())))
def test_the_commands_in_workflows_are_ones_that_there_are(command: str):
    words = shlex.split(re.sub(r"\$\(\(.*?\)\)", "1", command))
    assert main.parser().parse_args(words).command == words[0]


def test_a_fork_s_preview_runs_without_anything_of_ours(tmp_path: Path):
    """The preview runs as in preview.yml, in a checkout without state, passphrase and record.

    The settings have a salt for a passphrase that forks do not know, as they do after a deployment.
    """
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    for name in listed.stdout.splitlines():
        if (ROOT / name).is_file() and not name.startswith("tests/"):
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, tmp_path / name)
    (tmp_path / ".venv").symlink_to(ROOT / ".venv")
    with (tmp_path / "Pulumi.production.yaml").open("a") as settings:
        settings.write(f"encryptionsalt: {new_salt('of ours')}\n")
    variables = {**os.environ, "PULUMI_CONFIG_PASSPHRASE": "public", "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(
        [".ci/preview-fork", "production"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env=variables,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    assert json.loads(done.stdout)["changeSummary"]["create"] > 20
    assert not (tmp_path / ".state").exists()
