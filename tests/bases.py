"""The images that all others start from, for tests that build or run images."""

from __future__ import annotations

import fcntl
import tempfile
from pathlib import Path

import msgspec

from infra.base_images import BaseNames, provide, recipes
from infra.daemon.client import connect
from infra.settings.sections import Settings

REFERENCE = next(
    field.default for field in msgspec.structs.fields(Settings) if field.name == "debian"
)
NAMES = BaseNames.of(REFERENCE)


def made() -> BaseNames:
    """Make the images if they are missing, and give their names; the first call takes a minute."""
    api = connect(timeout=600)
    daemon = api.info()["ID"].replace(":", "")
    with Path(tempfile.gettempdir(), f"webstack-test-bases-{daemon}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # one of the processes that share the tests is enough
        for image in recipes(REFERENCE, NAMES, None):
            provide(api, image)
    return NAMES
