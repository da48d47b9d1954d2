"""Which configuration nginx runs by: the file may have been replaced since.

Who replaces the file and is killed before the reload leaves nginx with the one before.
"""

from pathlib import Path

CONFIGURATION = Path("/etc/webstack/nginx.conf")
LOADED = Path("/run/nginx/loaded.conf")


def remember(text: bytes) -> None:
    """Note what nginx has loaded."""
    draft = LOADED.with_suffix(".next")
    draft.write_bytes(text)
    draft.replace(LOADED)
