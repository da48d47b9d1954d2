"""Asks a service's socket questions, from the container of nginx."""

from __future__ import annotations

from pathlib import Path

import proxy

_COMMANDS = Path(proxy.__file__).parent / "image/commands"
# Sent along, so that the nginx of an earlier release need not know it.
_PROBE = f"""import sys, types
beside = types.ModuleType("webstack_sockets")
exec({(_COMMANDS / "webstack_sockets.py").read_text()!r}, beside.__dict__)
sys.modules["webstack_sockets"] = beside
{(_COMMANDS / "webstack-probe.py").read_text()}"""


def probe_command(*arguments: str) -> tuple[str, ...]:
    """Give the command that runs ``webstack-probe`` with these arguments."""
    return ("python3", "-IS", "-c", _PROBE, *arguments)
