"""JSON as commands print it."""

from __future__ import annotations

import json
from typing import Any

from webstack.contract import plain_text


def json_text(value: Any, indent: int = 2) -> str:
    """Write a value for programs, and for whoever sees it on a terminal."""
    return plain_text.block(json.dumps(value, indent=indent, ensure_ascii=False))
