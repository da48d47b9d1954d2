"""The shared package, which the images that services start from have on top of the base images."""

from __future__ import annotations

from pathlib import Path

import webstack_service

PACKAGE = Path(webstack_service.__file__).parent
_DOCKERFILE = Path(__file__).with_name("service.Dockerfile")


def build_context(package: Path = PACKAGE) -> dict[str, bytes]:
    """Give the files of the build by name: the Dockerfile, and the modules of the package."""
    modules = sorted(package.rglob("*.py"))
    named = {(package.name / each.relative_to(package)).as_posix(): each for each in modules}
    return {"Dockerfile": _DOCKERFILE.read_bytes()} | {
        name: each.read_bytes() for name, each in named.items()
    }
