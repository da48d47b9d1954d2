"""The reviewed plan is the one of the run for the merged pull request."""

from __future__ import annotations

import io
import json
import stat
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from webstack.cli.comments.http import Answer
from webstack.cli.plans import reviewed as module
from webstack.cli.plans.reviewed import main, reviewed
from webstack.cli.terminal.errors import OpsError

OURS, FORK = "shop/site", "stranger/site"
GITHUB = {"GITHUB_TOKEN": "t", "GITHUB_REPOSITORY": OURS}
GITLAB = {"GITLAB_CI": "true", "GITLAB_TOKEN": "t", "CI_PROJECT_ID": "7"}
PLAN = b'{"version": 1}'


def archive(name: str = "plan.json") -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr(name, PLAN)
    return packed.getvalue()


class GitHub:
    """A repository on GitHub with one merged pull request, and one preview run with one plan."""

    def __init__(self, content: bytes | None = None, **run: Any) -> None:
        self.content = archive() if content is None else content
        self.event = run.pop("event", "pull_request")
        self.pull = {
            "merged_at": "2026-11-28",
            "head": {"sha": "head", "repo": {"full_name": run.pop("source", OURS)}},
        }
        self.artifact = {"id": 5, "name": run.pop("name", "plan-dev-tree"), "expired": False}
        self.run = {
            "id": 4,
            "event": self.event,
            "head_sha": "head" if self.event == "pull_request" else "commit",
            "conclusion": "success",
            "path": ".github/workflows/preview.yml",
            "head_repository": {"full_name": OURS},
            **run,
        }

    def __call__(
        self, _method: str, url: str, _headers: Mapping[str, str], _body: bytes | None
    ) -> Answer:
        parts = urlsplit(url)
        asked = {key: value[0] for key, value in parse_qs(parts.query).items()}
        path = parts.path.removeprefix(f"/repos/{OURS}")
        if path == "/commits/commit/pulls":
            return said([self.pull])
        if path == "/actions/workflows/preview.yml/runs":
            return said({"workflow_runs": [self.run] if asked["event"] == self.event else []})
        if path == "/actions/runs/4/artifacts":
            return said({"artifacts": [self.artifact]})
        if path == "/actions/artifacts/5/zip":
            return Answer(200, {}, self.content)
        raise AssertionError(f"nobody has to ask for {path}")


def said(value: Any) -> Answer:
    return Answer(200, {}, json.dumps(value).encode())


@pytest.mark.parametrize("event", ["pull_request", "workflow_dispatch"])
def test_the_plan_is_the_one_of_the_run_for_what_was_merged(event: str):
    assert reviewed("dev", GITHUB, "commit", "tree", GitHub(event=event)) == PLAN


@pytest.mark.parametrize(
    "other",
    [
        {"source": FORK},
        {"head_repository": {"full_name": FORK}},
        {"head_repository": None},
        {"event": "push"},
        {"head_sha": "another"},
        {"conclusion": "failure"},
        {"path": ".github/workflows/test.yml"},
        {"name": "plan-dev-another"},
    ],
)
def test_what_another_run_keeps_under_the_name_is_not_taken(other: dict[str, Any]):
    with pytest.raises(OpsError, match=r"no plan for dev was reviewed for the commit commit; run"):
        reviewed("dev", GITHUB, "commit", "tree", GitHub(**other))


@pytest.mark.parametrize("content", [b"", b"no archive", archive("other.json")])
def test_an_archive_without_a_plan_is_one_line(content: bytes):
    with pytest.raises(OpsError, match=r"has no plan\.json: "):
        reviewed("dev", GITHUB, "commit", "tree", GitHub(content))


class GitLab:
    """The same repository on GitLab."""

    def __init__(self, **other: Any) -> None:
        self.request = {
            "iid": 3,
            "state": "merged",
            "source_project_id": other.get("source_project_id", 7),
        }
        self.pipeline = {
            "id": 4,
            "project_id": other.get("project_id", 7),
            "source": other.get("source", "merge_request_event"),
            "status": other.get("status", "success"),
        }
        self.job = {"id": 5, "name": other.get("name", "preview: [dev]")}

    def __call__(
        self, _method: str, url: str, _headers: Mapping[str, str], _body: bytes | None
    ) -> Answer:
        path = urlsplit(url).path.removeprefix("/api/v4/projects/7")
        answers = {
            "/repository/commits/commit/merge_requests": [self.request],
            "/merge_requests/3/pipelines": [self.pipeline],
            "/pipelines/4/jobs": [self.job],
        }
        if path == "/jobs/5/artifacts/plan.json":
            return Answer(200, {}, PLAN)
        return said(answers[path])


def test_on_gitlab_it_is_the_one_of_the_merge_request_s_own_pipeline():
    assert reviewed("dev", GITLAB, "commit", "tree", GitLab()) == PLAN


@pytest.mark.parametrize(
    "other",
    [
        {"source_project_id": 8},
        {"project_id": 8},
        {"source": "push"},
        {"status": "failed"},
        {"name": "preview: [production]"},
    ],
)
def test_on_gitlab_no_other_pipeline_is_looked_at(other: dict[str, Any]):
    with pytest.raises(OpsError, match="no plan for dev was reviewed"):
        reviewed("dev", GITLAB, "commit", "tree", GitLab(**other))


def test_the_command_writes_the_plan_for_its_owner_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "reviewed", lambda *_: PLAN)
    file = tmp_path / "reviewed" / "plan.json"
    assert main(["dev", str(file)]) == 0
    assert file.read_bytes() == PLAN
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_folder_that_is_no_checkout_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert main(["dev", "plan.json"]) == 1
    assert capsys.readouterr().err.count("\n") == 1
