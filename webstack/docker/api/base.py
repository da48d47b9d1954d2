"""Holds what all kinds of calls have in common."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from webstack.docker.api.calls import Answer, Calls
from webstack.docker.api.streams import Stream


class Calling:
    """Makes calls below the ``prefix`` of an API; options are those of `Calls.send`."""

    calls: Calls
    timeout: float
    prefix: str

    def send(self, method: str, path: str, **options: Any) -> Answer:
        """Make a call; whoever gets the answer reads it."""
        return self.calls.send(method, f"{self.prefix}{path}", **options)

    def value(self, method: str, path: str, **options: Any) -> Any:
        """Make a call, and give the JSON of its answer; None where it has no content."""
        return self.calls.value(method, f"{self.prefix}{path}", **options)

    def handed_over(self, path: str, **options: Any) -> Stream:
        """Make a call after which the connection is that of a command."""
        return self.calls.handed_over(f"{self.prefix}{path}", **options)


def filtered(filters: Mapping[str, Any] | None) -> str | None:
    """Write filters as the daemon reads them; each may have one value, or several."""
    if not filters:
        return None
    return json.dumps(
        {
            name: [value] if isinstance(value, str) else list(value)
            for name, value in filters.items()
        }
    )
