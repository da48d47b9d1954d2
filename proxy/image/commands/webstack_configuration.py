"""Which configuration nginx runs by: the file may have been replaced since.

Who replaces the file and is killed before the reload leaves nginx with the one before.
"""

import re
import time
from pathlib import Path

CONFIGURATION = Path("/etc/webstack/nginx.conf")
LOADED = Path("/run/nginx/loaded.conf")
STARTED = Path("/run/nginx/nginx.conf")
"""What nginx is told to read: it leads to the configuration, but for the moment of its start."""
_PID_FILE = Path("/run/nginx/nginx.pid")


def remember(text: bytes) -> None:
    """Note what nginx has loaded."""
    draft = LOADED.with_suffix(".next")
    draft.write_bytes(text)
    draft.replace(LOADED)


def started_with(text: bytes, ports: list[int]) -> bytes:
    """A configuration that listens on all these ports.

    nginx closes sockets that its configuration does not name when it starts, and a later one may.
    """
    silent = [port for port in ports if not re.search(rb"listen %d\b" % port, text)]
    servers = b"".join(b"server { listen %d; return 444; }\n" % port for port in silent)
    if not servers:
        return b""
    head, _, tail = text.rpartition(b"}")
    return head + servers + b"}" + tail


def lead_to(text: bytes) -> None:
    """Have nginx start with a text of its own, or else with the configuration."""
    STARTED.unlink(missing_ok=True)
    if text:
        STARTED.write_bytes(text)
    else:
        STARTED.symlink_to(CONFIGURATION)


def lead_back() -> None:
    """Have nginx read the configuration from its start on."""
    while not _PID_FILE.exists():
        time.sleep(0.05)
    draft = STARTED.with_suffix(".next")
    draft.unlink(missing_ok=True)
    draft.symlink_to(CONFIGURATION)
    draft.replace(STARTED)
