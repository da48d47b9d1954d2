"""Reads the options in Pulumi.yaml. Each is obeyed, or refused by name."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from webstack.engine.model.errors import ProjectError, UnsupportedError

_FILE: Final = "Pulumi.yaml"
_UV_ENVIRONMENT: Final = ".venv"


def require_served(document: Mapping[str, Any]) -> None:
    """Refuse options that would change a run and are not served; raises ProjectError."""
    version = document.get("requiredPulumiVersion") or ""
    if not isinstance(version, str):
        raise ProjectError(f"requiredPulumiVersion in {_FILE} must be a text such as '>=3.1.0'")
    if version:
        # It takes a twentieth of a second to import, and few projects have this option.
        from webstack.engine.project import version_range

        version_range.require(version, f"requiredPulumiVersion in {_FILE}")
    for kind, listed in section(document, "plugins").items():
        if listed:
            names = (str(item.get("name")) for item in listed if isinstance(item, Mapping))
            raise UnsupportedError(f"plugins.{kind} ({', '.join(names)}) in {_FILE}")


def refreshes(document: Mapping[str, Any]) -> bool:
    """Tell whether every operation begins with a refresh: ``options: {refresh: always}``."""
    options = section(document, "options", known=("refresh",))
    if options.get("refresh") not in (None, "always"):
        raise ProjectError(f"options.refresh in {_FILE} can only be: always")
    return "refresh" in options and options["refresh"] is not None


def virtualenv(options: Mapping[str, Any]) -> str:
    """Return the folder of the runtime's virtualenv; raises ProjectError for unknown options."""
    for key in ("virtualenv", "typechecker", "toolchain"):
        if not isinstance(options.get(key) or "", str):
            raise ProjectError(f"runtime.options.{key} in {_FILE} must be a text")
    if options.get("typechecker"):
        raise UnsupportedError(f"runtime.options.typechecker ({options['typechecker']}) in {_FILE}")
    toolchain = options.get("toolchain") or "pip"
    if toolchain == "poetry":
        raise UnsupportedError(f"runtime.options.toolchain (poetry) in {_FILE}")
    if toolchain not in ("pip", "uv"):
        raise ProjectError(f"runtime.options.toolchain in {_FILE} can be pip or uv")
    default = _UV_ENVIRONMENT if toolchain == "uv" else ""
    return str(options.get("virtualenv") or default)


def section(
    document: Mapping[str, Any], key: str, known: Collection[str] = ()
) -> Mapping[str, Any]:
    """Return a mapping of Pulumi.yaml, empty where absent; with ``known`` it has no other keys."""
    found = document.get(key)
    if found is None:
        return {}
    if not isinstance(found, Mapping):
        raise ProjectError(f"{key} in {_FILE} must be a mapping")
    unknown = sorted(str(name) for name in found.keys() - set(known)) if known else []
    if unknown:
        raise ProjectError(f"{key} in {_FILE}: unknown {', '.join(unknown)}")
    return found
