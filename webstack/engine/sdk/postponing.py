"""Lets modules that hardly any run needs be imported when something of them is used."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import LazyLoader
from types import ModuleType
from typing import Final

_TRACED: Final = "TRACEPARENT"
_TRACING: Final = "pulumi.runtime._instrumentation"
SELDOM: Final = frozenset(("pulumi.automation", "grpc.aio", _TRACING))
"""What the SDK imports for programs that run stacks, have callbacks, or are traced.

That is a third of its import.
"""


@contextmanager
def postponed(names: Collection[str] = SELDOM) -> Iterator[None]:
    """Postpone what these modules are made of, where they are imported within the context."""
    chosen = {*names} - ({_TRACING} if _TRACED in os.environ else set())
    finder = _Finder(chosen)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


def file_of(module: object) -> str | None:
    """Give the file of a module, without importing what is postponed."""
    try:
        file = object.__getattribute__(module, "__dict__").get("__file__")
    except AttributeError:  # libraries of C put other things among the modules
        return None
    return str(file) if file else None


class _Finder(MetaPathFinder):
    def __init__(self, names: Collection[str]) -> None:
        self._names = names

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname not in self._names:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = LazyLoader(spec.loader)
        return spec
