"""Comments (notes) on GitLab's merge requests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import quote

from webstack.cli.comments.host import Comment
from webstack.cli.comments.http import Client, HostError, Transport, over_the_network

_PAGE = 100


class GitLabMergeRequest:
    """Reads and edits comments of one merge request, which the variables of GitLab's jobs name."""

    largest = 65_536  # it would take a million, but nobody reads that

    def __init__(
        self, environ: Mapping[str, str], number: str, send: Transport = over_the_network
    ) -> None:
        self._client, project = client(environ, send)
        self._notes = f"{project}/merge_requests/{number}/notes"

    def me(self) -> str:
        """Give the token's own name."""
        return str(self._client.get("/user")["username"])

    def comments(self) -> Iterator[Comment]:
        """Give all comments, page by page."""
        page = 0
        while True:
            page += 1
            query = f"?per_page={_PAGE}&page={page}&sort=asc&order_by=created_at"
            found = self._client.get(self._notes + query)
            for item in found:
                author = (item.get("author") or {}).get("username", "")
                yield Comment(str(item["id"]), author, item.get("body") or "")
            if len(found) < _PAGE:
                return

    def write(self, body: str) -> None:
        """Add a comment."""
        self._client.post(self._notes, {"body": body})

    def rewrite(self, comment: Comment, body: str) -> None:
        """Replace a comment's text."""
        self._client.put("PUT", f"{self._notes}/{comment.id}", {"body": body})

    def remove(self, comment: Comment) -> None:
        """Take a comment away."""
        self._client.delete(f"{self._notes}/{comment.id}")


def client(environ: Mapping[str, str], send: Transport = over_the_network) -> tuple[Client, str]:
    """Make a client for the host that the variables name, and give the path of their project."""
    token = environ.get("GITLAB_TOKEN", "").strip()
    project = environ.get("CI_PROJECT_ID", "")
    if not token or not project:
        raise HostError("GITLAB_TOKEN and CI_PROJECT_ID must be set to speak with GitLab")
    address = environ.get("CI_API_V4_URL", "https://gitlab.com/api/v4")
    headers = {"PRIVATE-TOKEN": token, "User-Agent": "webstack"}
    return Client("GitLab", address, headers, send), f"/projects/{quote(project, safe='')}"


def number_of(environ: Mapping[str, str]) -> str:
    """Find the merge request that a job runs for."""
    number = environ.get("CI_MERGE_REQUEST_IID")
    if not number:
        raise HostError("this job belongs to no merge request", "name it with --pull-request")
    return number
