"""Orders versions of the tool: three numbers, such as 0.3.0."""

from __future__ import annotations

import re

from webstack.cli.terminal.errors import OpsError

_FORM = re.compile(r"(\d{1,6})\.(\d{1,6})\.(\d{1,6})")

Version = tuple[int, int, int]


def parsed(text: str) -> Version:
    """Read a version; raises OpsError where the text is none."""
    found = _FORM.fullmatch(text)
    if not found:
        raise OpsError(f"{text} is no version", "one looks like 0.3.0")
    return (int(found[1]), int(found[2]), int(found[3]))


def is_version(text: str) -> bool:
    """Tell whether a text is a version."""
    return _FORM.fullmatch(text) is not None


def check_step(present: str, wanted: str) -> None:
    """Raise OpsError unless ``wanted`` is newer than ``present``."""
    if parsed(wanted) == parsed(present):
        raise OpsError(f"the project runs on version {present} already", "nothing has to be done")
    if parsed(wanted) < parsed(present):
        raise OpsError(
            f"the project runs on version {present}, and {wanted} is older",
            "to go back, check out the commit before the upgrade and run `make up`",
        )
