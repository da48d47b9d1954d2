"""Writes what an image is made of as CycloneDX does, and what differs between two images."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from webstack.cli.daemon.looks.packages import Contents, Package

_SPACE = uuid.UUID("8f1f1f9c-2f6f-5a52-9d55-0f0f6b0a8d7e")
"""The name space of serial numbers: the same image has the same number everywhere."""


def cyclonedx(reference: str, identifier: str, contents: Contents) -> dict[str, Any]:
    """Give the bill of materials of an image, CycloneDX 1.5, by its name and its id.

    It has no time in it, so that the same image gives the same text.
    """
    name, _, tag = reference.rpartition(":")
    digest = identifier.removeprefix("sha256:")
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": f"urn:uuid:{uuid.uuid5(_SPACE, identifier)}",
        "version": 1,
        "metadata": {
            "component": {
                "type": "container",
                "bom-ref": identifier,
                "name": name or reference,
                "version": tag if name else "",
                "hashes": [{"alg": "SHA-256", "content": digest}],
            }
        },
        "components": [_component(each, contents.system) for each in contents.packages],
    }


def differences(before: Contents, after: Contents) -> Iterator[tuple[str, str, str, str]]:
    """Give each package that differs: its kind, its name, its versions before and after.

    A version is empty where the package is not there.
    """
    old, new = _versions(before), _versions(after)
    for key in sorted(old.keys() | new.keys()):
        was, now = old.get(key, ""), new.get(key, "")
        if was != now:
            yield (*key, was, now)


def _versions(contents: Contents) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], list[str]] = {}
    for each in contents.packages:
        found.setdefault((each.kind, each.name), []).append(each.version)
    return {key: ", ".join(sorted(set(versions))) for key, versions in found.items()}


def _component(package: Package, system: str) -> dict[str, str]:
    url = _url(package, system)
    known = {"name": package.name, "version": package.version, "purl": url}
    return {"type": "library", "bom-ref": url, **known}


def _url(package: Package, system: str) -> str:
    name, version = quote(package.name, safe=""), quote(package.version, safe="")
    if package.kind != "deb":
        return f"pkg:{package.kind}/{name}@{version}"
    vendor = system.partition("-")[0] or "debian"
    said = {"arch": package.machine, "distro": system}
    more = "&".join(f"{key}={quote(value, safe='')}" for key, value in said.items() if value)
    return f"pkg:deb/{vendor}/{name}@{version}{f'?{more}' if more else ''}"
