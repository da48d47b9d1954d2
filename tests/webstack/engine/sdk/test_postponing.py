"""Modules that hardly any run needs are imported when something of them is used."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from webstack.engine.sdk.postponing import SELDOM, file_of

STATE = f"""
import importlib.util, sys
import webstack.engine.sdk.sdk
from webstack.engine.sdk.postponing import file_of
files = [file_of(module) for module in [*sys.modules.values()]]
print(*(name for name in {sorted(SELDOM)}
        if type(sys.modules[name]) is importlib.util._LazyModule))
"""


def told(code: str, **environ: str) -> list[str]:
    """Give the words that a program prints in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()


def test_the_sdk_is_imported_without_them():
    assert told(STATE) == sorted(SELDOM)


def test_a_run_that_is_traced_is_traced_from_the_beginning():
    traced = told(STATE, TRACEPARENT="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
    assert traced == ["grpc.aio", "pulumi.automation"]


@pytest.mark.parametrize(
    "used", ["pulumi.automation.LocalWorkspace.__name__", "pulumi.runtime._callbacks.aio.server"]
)
def test_whoever_uses_them_finds_them(used):
    assert told(f"{STATE}\nimport pulumi\nassert {used}\nprint('found')")[-1] == "found"


def test_a_module_imported_outside_is_not_postponed():
    assert told("import pulumi.automation\n" + STATE) == []


@pytest.mark.parametrize(("module", "file"), [(os, os.__file__), (sys, None), (object(), None)])
def test_the_file_of_a_module_is_known(module, file):
    assert file_of(module) == file
