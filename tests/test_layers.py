"""Data flows one way: who may import whom."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
OURS = {"infra", "proxy", "services", "engine", "ops", "benchmarks", "tests", "webstack"}
ALLOWED = {
    "infra": {"infra", "proxy", "webstack"},
    "proxy": {"proxy"},
    "engine": {"engine", "webstack"},
    "ops": {"ops", "engine", "webstack"},
    "services": {"services"},
    "webstack": {"webstack"},
}
# Modules of the engine that speak the SDK's protocol; no other imports pulumi.
SDK = {
    "sdk.py",
    "wire.py",
    "monitor.py",
    "callbacks.py",
    "transforms.py",
    "transform_options.py",
    "dynamic_provider.py",
}


def imported(file: Path) -> Iterator[str]:
    """Top-level names of the packages that a file imports absolutely."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield str(node.module).partition(".")[0]


def sources(package: str) -> list[Path]:
    return [
        file
        for file in sorted((ROOT / package).rglob("*.py"))
        if not {".venv", "tests", "__pycache__"} & set(file.parts)
    ]


@pytest.mark.parametrize("package", ALLOWED)
def test_a_package_imports_only_what_lies_below_it(package: str):
    files = sources(package)
    assert files
    wrong = {
        str(file.relative_to(ROOT)): name
        for file in files
        for name in imported(file)
        if name in OURS - ALLOWED[package]
    }
    assert wrong == {}


def test_pulumi_is_known_to_the_program_and_the_engine_s_edge_only():
    users = {
        str(file.relative_to(ROOT))
        for package in ("engine", "ops", "proxy", "webstack")
        for file in sources(package)
        if {"pulumi", "pulumi_docker"} & set(imported(file))
    }
    assert {Path(user).name for user in users} <= SDK, users


def test_nginx_is_configured_by_the_proxy_only():
    users = {
        package
        for package in ALLOWED
        for file in sources(package)
        if "nginx" in set(imported(file))
    }
    assert users == {"proxy"}
