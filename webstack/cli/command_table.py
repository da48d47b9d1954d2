"""Which function does which command: a module is imported only for a command of its own."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable
from importlib import import_module

_MODULES = {
    "deploying": ("up", "refresh", "destroy", "down", "cancel"),
    "previewing": ("preview",),
    "comment": ("comment",),
    "promote": ("promote",),
    "releases": ("rollback", "releases"),
    "prune": ("prune",),
    "records": ("outputs", "history", "config", "stack", "env"),
    "looking": ("status", "logs", "doctor", "drift"),
    "environments": ("diff",),
}
COMMANDS = {command: module for module, commands in _MODULES.items() for command in commands}


def find(command: str) -> Callable[[Namespace], int]:
    """Import what does a command: a function of the command's name, that gives the exit code."""
    module = import_module(f"webstack.cli.commands.{COMMANDS[command]}")
    found: Callable[[Namespace], int] = getattr(module, command)
    return found
