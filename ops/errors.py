"""The one family of errors that the user sees as a single line."""

from __future__ import annotations


class OpsError(Exception):
    """Something the user can mend: names the cause, and the way out where there is one."""

    def __init__(self, cause: str, way_out: str = "") -> None:
        super().__init__(f"{cause}; {way_out}" if way_out else cause)
