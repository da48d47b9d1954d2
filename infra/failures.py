"""What goes wrong while a deployment is made, as the user reads it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

_PLUGIN = "pulumi.dynamic.__main__"


class DeploymentError(Exception):
    """A step failed; the message says what, why and what to do."""


@contextmanager
def told_plainly() -> Iterator[None]:
    """Let a failure speak for itself under the Pulumi CLI too.

    Its process for dynamic resources reports every exception as a traceback, so there, and only
    there, tracebacks shrink to the message.
    """
    try:
        yield
    except DeploymentError:
        specification = getattr(sys.modules["__main__"], "__spec__", None)
        if specification is not None and specification.name == _PLUGIN:
            sys.tracebacklimit = 0
        raise
