"""Names what watches the stack run."""

from __future__ import annotations

from typing import Final

METRICS: Final = "metrics"
"""The name of what counts requests."""
