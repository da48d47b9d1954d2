"""Defines the errors of what is asked of a Docker daemon, and of what is sent to it."""

from __future__ import annotations


class ContextError(Exception):
    """Reports a build context that cannot be sent. The message is one line."""


class DaemonError(Exception):
    """Reports that the daemon did not do what it was asked for."""


class NoAnswerError(DaemonError):
    """Reports that nobody answers at the daemon's address, or that an answer broke off."""


class TimedOutError(NoAnswerError):
    """Reports that the daemon did not answer in time."""


class RefusedError(DaemonError):
    """Reports an answer that is an error: ``reason`` has the daemon's words, ``status`` HTTP's."""

    def __init__(self, reason: str, status: int = 500) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status


class NotFoundError(RefusedError):
    """Reports that the daemon does not have what was asked for."""

    def __init__(self, reason: str, status: int = 404) -> None:
        super().__init__(reason, status)
