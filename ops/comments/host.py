"""What a code host is asked for; one file for each kind of host."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Comment:
    """A comment on a pull request."""

    id: str
    author: str
    body: str


class PullRequest(Protocol):
    """One pull request (GitLab: merge request) on its host."""

    largest: int
    """Characters that fit into a comment."""

    def me(self) -> str:
        """Give the name under which comments are written."""

    def comments(self) -> Iterator[Comment]:
        """Give all comments, the oldest first."""

    def write(self, body: str) -> None:
        """Add a comment."""

    def rewrite(self, comment: Comment, body: str) -> None:
        """Replace a comment's text."""


def put(pull_request: PullRequest, body: str, marker: str) -> str:
    """Write the comment with a marker, in place of an earlier one; gives what was done.

    Only our own are looked at: anybody can write a marker, and a token may edit what others wrote.
    """
    me = pull_request.me()
    for comment in pull_request.comments():
        if comment.author == me and comment.body.rstrip().endswith(marker):
            if comment.body.strip() == body.strip():
                return "The comment says so already."
            pull_request.rewrite(comment, body)
            return "The comment was edited."
    pull_request.write(body)
    return "The comment was written."
