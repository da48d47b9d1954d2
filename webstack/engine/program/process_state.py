"""Restores what a program changes in this process, when the program has ended.

Under the CLI every run of a program has a process of its own.
"""

from __future__ import annotations

import atexit
import logging
import os
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

IsProgram = Callable[[str], bool]
"""Tells of a file whether it is the program's."""


@contextmanager
def restored(is_program: IsProgram) -> Iterator[None]:
    """Restore environment, logging and warnings, and run the program's exit handlers."""
    with _environment(), _logging(), warnings.catch_warnings(), _endings(is_program):
        yield


@contextmanager
def _environment() -> Iterator[None]:
    before = dict(os.environ)
    try:
        yield
    finally:
        for name in os.environ.keys() - before.keys():
            del os.environ[name]
        os.environ.update(before)


@contextmanager
def _logging() -> Iterator[None]:
    """Restore logging: a handler holds its run's stream, and `basicConfig` adds none beside it."""
    threshold = logging.root.manager.disable
    before = {logger: _kept(logger) for logger in _loggers()}
    try:
        yield
    finally:
        logging.root.manager.disable = threshold
        for logger in _loggers():
            level, handlers, filters, propagate, disabled = before.get(logger, _FRESH)
            logger.setLevel(level)
            logger.handlers[:] = handlers
            logger.filters[:] = filters
            logger.propagate, logger.disabled = propagate, disabled


_Kept = tuple[int, list[Any], list[Any], bool, bool]
_FRESH: _Kept = (logging.NOTSET, [], [], True, False)


def _kept(logger: logging.Logger) -> _Kept:
    return (
        logger.level,
        list(logger.handlers),
        list(logger.filters),
        logger.propagate,
        logger.disabled,
    )


def _loggers() -> list[logging.Logger]:
    named = list(logging.root.manager.loggerDict.values())
    return [logging.root, *(item for item in named if isinstance(item, logging.Logger))]


@contextmanager
def _endings(is_program: IsProgram) -> Iterator[None]:
    """Run the program's own exit handlers. Those of libraries stay registered."""
    register, unregister = atexit.register, atexit.unregister
    endings: list[tuple[Any, Callable[[], Any]]] = []

    def registered(function: Any, /, *arguments: Any, **options: Any) -> Any:
        if not is_program(sys._getframe(1).f_code.co_filename):
            return register(function, *arguments, **options)
        endings.append((function, lambda: function(*arguments, **options)))
        return function

    def unregistered(function: Any, /) -> None:
        endings[:] = [ending for ending in endings if ending[0] != function]
        unregister(function)

    atexit.register, atexit.unregister = registered, unregistered
    try:
        yield
    finally:
        atexit.register, atexit.unregister = register, unregister
        while endings:
            _end(endings.pop()[1])


def _end(ending: Callable[[], Any]) -> None:
    try:
        ending()
    except Exception:
        traceback.print_exc()
