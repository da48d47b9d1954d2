"""What goes wrong with what is sent to a Docker daemon."""

from __future__ import annotations


class ContextError(Exception):
    """A build context that cannot be sent as it is; the message is one line."""
