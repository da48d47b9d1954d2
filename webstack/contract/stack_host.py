"""Defines how a stack names the machine that it runs on."""

from __future__ import annotations

import re
from typing import Final

SETTING: Final = "webstack:host"
BEFORE: Final = "WEBSTACK_DOCKER_BEFORE"
"""The variable that keeps what the user said of a daemon, while a stack's own host is in use."""
ADDRESS: Final = (
    r"\Assh://([A-Za-z_][A-Za-z0-9._-]*@)?([A-Za-z0-9][A-Za-z0-9.-]*|\[[0-9A-Fa-f:.]+\])"
    r"(:[0-9]{1,5})?\Z"
)
WORDS: Final = "a machine with Docker that ssh reaches, such as ssh://deploy@server.example.com"

_NAMED: Final = re.compile(rf"^[ \t]+(['\"]?){SETTING}\1[ \t]*:[ \t]*['\"]?ssh:", re.M)


def is_named_in(text: str) -> bool:
    """Tell whether a settings file names a machine, before anything is there that reads YAML."""
    return _NAMED.search(text) is not None


def is_address(text: str) -> bool:
    """Tell whether a text is the address of a machine behind ssh."""
    return re.fullmatch(ADDRESS, text) is not None
