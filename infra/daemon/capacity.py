"""Checks at preview that the machines can bear the settings; a message names the key.

Docker would report a limit that is too high only for a container whose image has been built. Such a
limit limits nothing. The daemon is asked only where this machine has less: that takes a fifth of a
second.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from infra.settings.sections import NAMESPACE, Settings, SettingsError
from webstack.contract.bounded_files import UnreadableError, read_regular

_LARGEST_BUNDLE = 16 * 2**20


class Capacity(NamedTuple):
    """The size of a machine: CPUs, and memory in MiB."""

    cpus: int
    memory: int


def check_capacity(
    settings: Settings, here: Capacity | None, of_daemon: Callable[[], Capacity | None]
) -> None:
    """Raise SettingsError for a limit above the daemon's capacity, where the daemon tells it.

    ``here`` is the capacity of this machine if the daemon runs on it.
    """
    asked = list(_asked(settings))
    if here and all(value <= getattr(here, what) for _, what, value in asked):
        return
    there = of_daemon()
    for key, what, value in asked if there else ():
        most = getattr(there, what)
        if value > most:
            unit = "CPUs" if what == "cpus" else "MiB of memory"
            raise SettingsError(
                f"{NAMESPACE}:{key}.{what}: {value:g} is more than the {most} {unit} that the "
                f"Docker daemon has; write {most} or less"
            )


def _asked(settings: Settings) -> Iterator[tuple[str, str, float]]:
    limited: dict[str, Any] = {"proxy": settings.proxy}
    for name, service in settings.services.items():
        limited[f"services.{name}"] = service
        for role, section in service.roles.items():
            limited[f"services.{name}.roles.{role}"] = section
    for name, server in settings.stateful.items():
        limited[f"stateful.{name}"] = server
    for key in ("postgres", "valkey", "valkey_broker"):
        if section := getattr(settings, key):
            limited[key] = section
    for key, section in limited.items():
        for what in Capacity._fields:
            yield key, what, getattr(section, what)


def of_this_machine() -> Capacity:
    """Measure the capacity of this machine."""
    pages, size = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    return Capacity(os.cpu_count() or 1, pages * size // 2**20)


def of_the_daemon() -> Capacity | None:
    """Ask the daemon for the capacity of its machine; give None where it does not answer."""
    from infra.daemon.client import connect
    from webstack.docker.errors import DaemonError

    try:
        said = connect(timeout=10).info()
    except (DaemonError, OSError):
        return None  # whatever uses the daemon next says why
    return Capacity(int(said["NCPU"]), int(said["MemTotal"]) // 2**20)


def check_certificates(settings: Settings) -> None:
    """Raise SettingsError where the bundle of authorities is no PEM file of this machine."""
    if settings.certificates is None:
        return
    where = f"{NAMESPACE}:certificates: {settings.certificates}"
    try:
        read_regular(Path(settings.certificates), _LARGEST_BUNDLE)
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(settings.certificates)
    except FileNotFoundError:
        raise SettingsError(f"{where}: no such file; name a PEM file of this machine") from None
    except UnreadableError as error:
        raise SettingsError(f"{where}: {error}; name a PEM file of this machine") from None
    except ssl.SSLError:
        raise SettingsError(
            f"{where} holds no certificates; name a PEM file that has -----BEGIN CERTIFICATE-----"
        ) from None
