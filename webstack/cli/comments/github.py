"""Comments on GitHub's pull requests."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from webstack.cli.comments.host import Comment
from webstack.cli.comments.http import (
    LARGEST,
    Client,
    ForbiddenError,
    HostError,
    Transport,
    over_the_network,
)
from webstack.contract import bounded_files

_PAGE = 100
_ACTIONS = "github-actions[bot]"


class GitHubPullRequest:
    """Reads and edits comments of one pull request, which GitHub Actions' variables name."""

    largest = 65_536

    def __init__(
        self, environ: Mapping[str, str], number: str, send: Transport = over_the_network
    ) -> None:
        self._client = client(environ, send)
        self._repository = f"/repos/{environ.get('GITHUB_REPOSITORY', '')}"
        self._number = number

    def me(self) -> str:
        """Give the token's own name; that of a workflow's token is not to be asked for."""
        try:
            return str(self._client.get("/user")["login"])
        except ForbiddenError:
            return _ACTIONS

    def comments(self) -> Iterator[Comment]:
        """Give all comments, page by page."""
        page = 0
        while True:
            page += 1
            path = f"/issues/{self._number}/comments?per_page={_PAGE}&page={page}"
            found = self._client.get(self._repository + path)
            for item in found:
                author = (item.get("user") or {}).get("login", "")
                yield Comment(str(item["id"]), author, item.get("body") or "")
            if len(found) < _PAGE:
                return

    def write(self, body: str) -> None:
        """Add a comment."""
        self._client.post(f"{self._repository}/issues/{self._number}/comments", {"body": body})

    def rewrite(self, comment: Comment, body: str) -> None:
        """Replace a comment's text."""
        self._client.put("PATCH", self._path(comment), {"body": body})

    def remove(self, comment: Comment) -> None:
        """Take a comment away."""
        self._client.delete(self._path(comment))

    def _path(self, comment: Comment) -> str:
        return f"{self._repository}/issues/comments/{comment.id}"


def client(environ: Mapping[str, str], send: Transport = over_the_network) -> Client:
    """Make a client for the host that the variables name."""
    token = environ.get("GITHUB_TOKEN", "").strip()
    if not token or not environ.get("GITHUB_REPOSITORY"):
        raise HostError("GITHUB_TOKEN and GITHUB_REPOSITORY must be set to speak with GitHub")
    return Client(
        "GitHub",
        environ.get("GITHUB_API_URL", "https://api.github.com"),
        {
            "Authorization": f"Bearer {token}",
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": "2022-11-28",
            "User-Agent": "webstack",
        },
        send,
    )


def number_of(environ: Mapping[str, str], send: Transport = over_the_network) -> str:
    """Find the pull request that a workflow runs for.

    The event of one that follows another (``workflow_run``) names no pull request of a fork: it is
    looked up by branch, and has to have the commit that was previewed.
    """
    event = _event(environ.get("GITHUB_EVENT_PATH", ""))
    if number := (event.get("pull_request") or {}).get("number"):
        return str(number)
    run = event.get("workflow_run") or {}
    owner = ((run.get("head_repository") or {}).get("owner") or {}).get("login", "")
    if owner:
        head = quote(f"{owner}:{run.get('head_branch', '')}", safe="")
        repository = environ.get("GITHUB_REPOSITORY", "")
        found = client(environ, send).get(f"/repos/{repository}/pulls?state=open&head={head}")
        for item in found:
            if item["head"]["sha"] == run.get("head_sha"):
                return str(item["number"])
    raise HostError(
        "this run belongs to no open pull request, or to an earlier commit of one",
        "name it with --pull-request",
    )


def _event(path: str) -> dict[str, Any]:
    try:
        given = bool(path) and Path(path).is_file()
        found = json.loads(bounded_files.read_any(Path(path), LARGEST)) if given else {}
    except (OSError, ValueError) as error:
        raise HostError(f"the workflow's event in {path} cannot be read: {error}") from None
    return found if isinstance(found, dict) else {}
