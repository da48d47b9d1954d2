"""The folders that an image on the daemon declares as ``VOLUME``."""

from __future__ import annotations


def of_image(reference: str) -> tuple[str, ...]:
    """Give the folders that an image declares as ``VOLUME``.

    There are none where the daemon does not have the image, or does not answer.
    """
    from infra.daemon.client import connect
    from webstack.docker.errors import DaemonError

    try:
        found = connect(timeout=10).inspect_image(reference)
    except (DaemonError, OSError):
        return ()  # the build, or the release, says why
    return tuple((found.get("Config") or {}).get("Volumes") or ())
