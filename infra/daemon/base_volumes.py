"""The folders that an image on the daemon declares as ``VOLUME``."""

from __future__ import annotations


def of_image(reference: str) -> tuple[str, ...]:
    """Give the folders that an image declares as ``VOLUME``.

    There are none where the daemon does not have the image, or does not answer.
    """
    from docker.errors import DockerException
    from requests.exceptions import RequestException

    from infra.daemon.client import connect

    try:
        found = connect(timeout=10).inspect_image(reference)
    except (DockerException, RequestException, OSError):
        return ()  # the build, or the release, says why
    return tuple((found.get("Config") or {}).get("Volumes") or ())
