"""Fetches the plan that was reviewed, in a job of GitHub or GitLab: from the run that made it.

A name alone is no proof: any run may keep something under it, also one of a fork. So the commit
leads to its pull request, that to the runs of its preview, and those to the plan.
"""

from __future__ import annotations

import argparse
import io
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from webstack.cli.comments import github, gitlab
from webstack.cli.comments.http import Transport, over_the_network
from webstack.cli.plans.files import LARGEST
from webstack.cli.terminal.errors import OpsError
from webstack.contract import plain_text
from webstack.engine.model.errors import EngineError
from webstack.engine.storage import files
from webstack.engine.storage.privacy import PRIVATE

FILE = "plan.json"
_ANEW = "run the preview on it, look at what it says, and deploy again"


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the plan of one stack into a file; one line and 1 where there is none."""
    parser = argparse.ArgumentParser(prog="webstack.cli.plans.reviewed", description=__doc__)
    parser.add_argument("stack")
    parser.add_argument("file", type=Path)
    options = parser.parse_args(arguments)
    try:
        content = reviewed(options.stack, os.environ, _commit(), _tree())
        files.write(options.file, content.decode(errors="replace"), access=PRIVATE)
    except (OpsError, EngineError) as error:
        print(plain_text.block(f"error: {error}"), file=sys.stderr)
        return 1
    except (LookupError, TypeError, AttributeError) as error:
        print(f"error: the host's answer is not what its API promises: {error!r}", file=sys.stderr)
        return 1
    return 0


def reviewed(
    stack: str,
    environ: Mapping[str, str],
    commit: str,
    tree: str,
    send: Transport = over_the_network,
) -> bytes:
    """Give the plan of a commit; raises OpsError where no run of its preview has made one."""
    if environ.get("GITLAB_CI"):
        found = _on_gitlab(stack, environ, commit, send)
    else:
        found = _on_github(f"plan-{stack}-{tree}", environ, commit, send)
    if found is None:
        raise OpsError(f"no plan for {stack} was reviewed for the commit {commit[:12]}", _ANEW)
    return found


def _on_github(name: str, environ: Mapping[str, str], commit: str, send: Transport) -> bytes | None:
    client = github.client(environ, send)
    ours = environ["GITHUB_REPOSITORY"]
    repository = f"/repos/{ours}"
    heads = merged_heads(client.get(f"{repository}/commits/{commit}/pulls"), ours)
    asked = [*(("pull_request", head) for head in heads), ("workflow_dispatch", commit)]
    for event, head in asked:
        query = f"event={event}&head_sha={head}&status=success&per_page=100"
        answer = client.get(f"{repository}/actions/workflows/preview.yml/runs?{query}")
        for run in own_runs(answer["workflow_runs"], ours, event, head):
            path = f"{repository}/actions/runs/{run}/artifacts?name={quote(name, safe='')}"
            for artifact in client.get(path)["artifacts"]:
                if artifact["name"] == name and not artifact.get("expired"):
                    path = f"{repository}/actions/artifacts/{artifact['id']}/zip"
                    return _unpacked(client.download(path))
    return None


def merged_heads(pulls: Iterable[Mapping[str, Any]], ours: str) -> Iterator[str]:
    """Give the last commit of each pull request of this repository that was merged."""
    for pull in pulls:
        source = (pull["head"].get("repo") or {}).get("full_name")
        if pull.get("merged_at") and source == ours:
            yield str(pull["head"]["sha"])


def own_runs(runs: Iterable[Mapping[str, Any]], ours: str, event: str, head: str) -> list[int]:
    """Give the numbers of the runs of this repository's own code, the newest first."""
    return sorted(
        (
            int(run["id"])
            for run in runs
            if (run.get("head_repository") or {}).get("full_name") == ours
            and (run["event"], run["head_sha"], run["conclusion"]) == (event, head, "success")
            and str(run["path"]).partition("@")[0] == ".github/workflows/preview.yml"
        ),
        reverse=True,
    )


def _on_gitlab(
    stack: str, environ: Mapping[str, str], commit: str, send: Transport
) -> bytes | None:
    client, project = gitlab.client(environ, send)
    ours = int(environ["CI_PROJECT_ID"])
    for request in client.get(f"{project}/repository/commits/{commit}/merge_requests"):
        if request["state"] != "merged" or request["source_project_id"] != ours:
            continue
        pipelines = client.get(f"{project}/merge_requests/{request['iid']}/pipelines")
        for pipeline in own_pipelines(pipelines, ours):
            path = f"{project}/pipelines/{pipeline}/jobs?scope[]=success&per_page=100"
            for job in client.get(path):
                if job["name"] == f"preview: [{stack}]":
                    return client.download(f"{project}/jobs/{job['id']}/artifacts/{FILE}")
    return None


def own_pipelines(pipelines: Iterable[Mapping[str, Any]], ours: int) -> list[int]:
    """Give the numbers of a merge request's pipelines in this project, the newest first."""
    return sorted(
        (
            int(pipeline["id"])
            for pipeline in pipelines
            if pipeline["project_id"] == ours
            and (pipeline["source"], pipeline["status"]) == ("merge_request_event", "success")
        ),
        reverse=True,
    )


def _unpacked(archive: bytes) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as packed, packed.open(FILE) as file:
            return file.read(LARGEST + 1)
    except (zipfile.BadZipFile, KeyError, OSError) as error:
        raise OpsError(f"what the preview kept has no {FILE}: {error}", _ANEW) from None


def _commit() -> str:
    return _git("HEAD")


def _tree() -> str:
    return _git("HEAD^{tree}")


def _git(name: str) -> str:
    done = subprocess.run(
        ["git", "rev-parse", "--verify", name], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise OpsError(f"git knows no {name}: {done.stderr.strip()}", "check the project out anew")
    return done.stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
