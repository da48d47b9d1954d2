"""Finds the SQLite of services that keep data: an old one can damage their databases.

Before 3.51.3, two connections that checkpoint and restart the log of a database in WAL mode at
once can lose what was written. The project's base image has a newer one; a service that starts
from another image has its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from webstack.docker.errors import DaemonError

MENDED = (3, 51, 3)
_QUESTION = ["python3", "-c", "import sqlite3; print(sqlite3.sqlite_version)"]


def outdated(api: Any, labels: list[str]) -> dict[str, str]:
    """Ask a running container of each service that keeps data; older versions by service.

    One that cannot say (it may have no Python) is left out.
    """
    asked = {
        entry["Labels"]["webstack.service"]: entry["Id"]
        for entry in api.containers(filters={"label": [*labels, "webstack.role=service"]})
        if _keeps_data(entry)
    }
    found = {service: _version(api, container) for service, container in sorted(asked.items())}
    return {service: version for service, version in found.items() if is_older(version)}


def is_older(version: str) -> bool:
    """Tell whether a version such as 3.46.1 is older than the mended one; no version is not."""
    numbers = version.split(".")
    return all(map(str.isdecimal, numbers)) and tuple(map(int, numbers)) < MENDED


def _keeps_data(entry: Mapping[str, Any]) -> bool:
    return any(mount.get("Name", "").endswith("-data") for mount in entry["Mounts"])


def _version(api: Any, container: str) -> str:
    try:
        job = api.exec_create(container, _QUESTION)["Id"]
        output: bytes = api.exec_start(job)
        return output.decode(errors="replace").strip()
    except DaemonError:
        return ""
