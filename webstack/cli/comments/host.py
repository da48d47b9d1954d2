"""Defines what a code host is asked for; each kind of host is a file beside this."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import msgspec


class Comment(msgspec.Struct, frozen=True):
    """Holds a comment on a pull request."""

    id: str
    author: str
    body: str


class PullRequest(Protocol):
    """Defines what is done to a pull request (GitLab: merge request) on its host."""

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

    def remove(self, comment: Comment) -> None:
        """Take a comment away; it may be gone already."""


def put(pull_request: PullRequest, body: str, marker: str) -> str:
    """Write the comment with a marker, in place of an earlier one; gives what was done.

    Only our own are looked at: anybody can write a marker, and a token may edit what others wrote.
    """
    me = pull_request.me()
    ours = _ours(pull_request, me, marker)
    if not ours:
        pull_request.write(body)
        # Another run may have written one at the same time.
        if ours := _ours(pull_request, me, marker):
            _edited(pull_request, ours, body)
        return "The comment was written."
    if _edited(pull_request, ours, body):
        return "The comment was edited."
    return "The comment says so already."


def _ours(pull_request: PullRequest, me: str, marker: str) -> list[Comment]:
    return [
        comment
        for comment in pull_request.comments()
        if comment.author == me and comment.body.rstrip().endswith(marker)
    ]


def _edited(pull_request: PullRequest, ours: list[Comment], body: str) -> bool:
    """Let the first of our comments say this, and no other say anything."""
    first, *others = ours
    for other in others:
        pull_request.remove(other)
    differs = first.body.strip() != body.strip()
    if differs:
        pull_request.rewrite(first, body)
    return differs
