"""Says what program and command have to know of application servers."""

from __future__ import annotations

from typing import Final

ASGI: Final = ("gunicorn-asgi", "uvicorn", "granian", "hypercorn", "daphne")
"""The servers of asynchronous applications, which know one prefix only: that of their start."""
