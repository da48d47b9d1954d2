"""Defines the errors of what is sent to a Docker daemon."""

from __future__ import annotations


class ContextError(Exception):
    """Reports a build context that cannot be sent. The message is one line."""
