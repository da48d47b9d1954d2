"""Imports go one way, from the whole house down to the packages of the engine."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
OURS = {"infra", "proxy", "services", "webstack", "webstack_service", "benchmarks", "tests"}
ALLOWED = {
    "webstack.contract": {"webstack.contract"},
    "webstack.docker": {"webstack.contract", "webstack.docker"},
    "webstack.engine": {"webstack.contract", "webstack.docker", "webstack.engine"},
    "webstack.cli": {"webstack"},
    "infra": {"infra", "proxy", "webstack_service", "webstack.contract", "webstack.docker"},
    "proxy": {"proxy", "webstack.contract"},
    "services": {"services", "webstack_service"},
    "webstack_service": {"webstack_service"},
}
# Packages in their order: each imports only those before it.
STOREYS = {
    "webstack.engine": (
        "model", "storage", "display", "planning", "project", "sdk", "providers", "running",
        "program", "operations",
    ),
    "infra": ("settings", "daemon", "images", "model", "rollout", "runtime", "parts", "policies"),
    "webstack.engine.providers.docker": (
        "client", "registry", "schema", "resource", "image", "container", "network", "volume",
        "swarm",
    ),
    "webstack.cli": (
        "terminal", "machine", "state", "daemon", "backends", "review", "comments",
        "plans", "settled", "deployments", "compare", "environments", "bundles", "applications",
        "projects", "commands",
    ),
}  # fmt: skip
# Modules of the engine that speak the SDK's protocol; no other imports pulumi.
SDK = {
    "webstack/engine/sdk/callbacks.py",
    "webstack/engine/sdk/sdk.py",
    "webstack/engine/sdk/transform_options.py",
    "webstack/engine/sdk/transforms.py",
    "webstack/engine/sdk/codec.py",
    "webstack/engine/program/monitor.py",
    "webstack/engine/providers/dynamic.py",
}
# What reads the docker CLI's logins and proxies: Docker's SDK takes a tenth of a second to import.
DOCKERS_SDK = {
    "webstack/docker/api/images.py",
    "webstack/engine/providers/docker/registry/cli_login.py",
}
MOST_MODULES = 20


@cache
def imported(file: Path) -> tuple[str, ...]:
    """Give the dotted names that a file imports: of ``from a import b`` both ``a`` and ``a.b``."""
    return tuple(_imported(file))


def _imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(filter(None, [_package(file, node.level), node.module]))
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def _package(file: Path, level: int) -> str:
    """Give the package that a relative import starts from; empty for an absolute import."""
    folders = file.relative_to(ROOT).parent.parts
    return ".".join(folders[: len(folders) - level + 1]) if level else ""


def sources(package: str) -> list[Path]:
    return [
        file
        for file in sorted((ROOT / package.replace(".", "/")).rglob("*.py"))
        if not {".venv", "tests", "__pycache__"} & set(file.relative_to(ROOT).parts)
    ]


def within(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


@pytest.mark.parametrize("package", ALLOWED)
def test_a_package_imports_only_what_lies_below_it(package: str):
    files = sources(package)
    assert files
    wrong = {
        str(file.relative_to(ROOT)): name
        for file in files
        for name in imported(file)
        if name.partition(".")[0] in OURS
        and name != "webstack"
        and not any(within(name, allowed) for allowed in ALLOWED[package])
    }
    assert wrong == {}


@pytest.mark.parametrize("house", STOREYS)
def test_the_packages_of_a_house_stand_in_one_order(house: str):
    """A package may import the packages before it in the list, never the ones after it."""
    storeys = STOREYS[house]
    folders = {file.parent.name for file in (ROOT / house.replace(".", "/")).glob("*/*.py")}
    assert folders == set(storeys)
    wrong = {
        f"{file.relative_to(ROOT)}: {name}"
        for number, storey in enumerate(storeys)
        for file in sources(f"{house}.{storey}")
        for name in imported(file)
        for above in storeys[number + 1 :]
        if within(name, f"{house}.{above}")
    }
    assert wrong == set()


def test_only_logins_need_dockers_own_sdk():
    """All others call the daemon by `webstack.docker.client`, and catch its errors."""
    users = {
        str(file.relative_to(ROOT))
        for top in ("webstack", "infra")
        for file in sources(top)
        if any(within(name, "docker") for name in imported(file))
    }
    assert users == DOCKERS_SDK


def modules() -> dict[str, Path]:
    """Give all modules of ours by dotted name; a package has its own name."""
    files = [file for top in ("webstack", "infra", "proxy") for file in sources(top)]
    dotted = {".".join(file.relative_to(ROOT).with_suffix("").parts): file for file in files}
    return {name.removesuffix(".__init__"): file for name, file in dotted.items()}


def test_no_module_needs_itself():
    """An import within a function counts, too: it would only hide the circle."""
    known = modules()
    needs = {name: (set(imported(file)) & known.keys()) - {name} for name, file in known.items()}
    # A package that is imported for the sake of a module in it is not meant itself.
    for name, found in needs.items():
        needs[name] = {each for each in found if not any(within(it, each) for it in found - {each})}
    while free := {name for name, found in needs.items() if not found & needs.keys()}:
        needs = {name: found for name, found in needs.items() if name not in free}
    assert set(needs) == set()


def test_no_folder_holds_more_modules_than_a_reader_can_survey():
    counts = {
        str(folder.relative_to(ROOT)): len(list(folder.glob("*.py")))
        for top in ("webstack", "infra", "proxy", "webstack_service")
        for folder in {file.parent for file in sources(top)}
    }
    assert {folder: count for folder, count in counts.items() if count > MOST_MODULES} == {}


def test_pulumi_is_known_to_the_program_and_the_engine_s_edge_only():
    users = {
        str(file.relative_to(ROOT))
        for package in ("webstack", "proxy", "webstack_service")
        for file in sources(package)
        if {"pulumi", "pulumi_docker"} & {name.partition(".")[0] for name in imported(file)}
    }
    assert users <= SDK


def test_pulumi_s_docker_provider_is_known_to_the_runtime_only():
    """Another runtime, such as Swarm, is then another set of the same functions."""
    users = {
        str(file.relative_to(ROOT))
        for file in sources("infra")
        if "pulumi_docker" in {name.partition(".")[0] for name in imported(file)}
    }
    assert users
    assert all(user.startswith("infra/runtime/") for user in users), users


def test_the_rollout_knows_containers_by_what_it_asks_of_them_only():
    """Another runtime can then stand in for Docker, as the rollout imports no Docker client."""
    concrete = (
        *("docker", "webstack.docker.client", "webstack.docker.api"),
        *("infra.daemon.containers", "infra.daemon.client"),
    )
    wrong = {
        f"{file.relative_to(ROOT)}: {name}"
        for file in sources("infra.rollout")
        for name in imported(file)
        if any(within(name, each) for each in concrete)
    }
    assert wrong == set()


def test_nginx_is_configured_by_the_proxy_only():
    users = {
        package
        for package in ALLOWED
        for file in sources(package)
        if "nginx" in {name.partition(".")[0] for name in imported(file)}
    }
    assert users == {"proxy"}


def test_what_runs_in_containers_imports_the_standard_library_and_gunicorn_only():
    """Any service can then have it, whatever its framework, and starts no slower for it."""
    allowed = {"gunicorn", "webstack_service", *sys.stdlib_module_names}
    wrong = {
        f"{file.relative_to(ROOT)}: {name}"
        for file in sources("webstack_service")
        for name in imported(file)
        if name.partition(".")[0] not in allowed
    }
    assert wrong == set()


def test_tests_of_the_product_know_no_service_of_this_project():
    """The tests hold whatever services a project has: they deploy applications of their own."""
    files = [file for file in (ROOT / "tests").rglob("*.py") if file != Path(__file__)]
    assert len(files) > 100
    wrong = {
        str(file.relative_to(ROOT))
        for file in files
        if any(within(name, "services") for name in imported(file))
        or re.search(r"\b(?:flask|django)_app\b", file.read_text())
    }
    assert wrong == set()


def test_no_page_needs_a_sample():
    """A link to a sample would lead nowhere in a project that has removed the sample."""
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "Makefile"]
    wrong = {
        str(page.relative_to(ROOT))
        for page in pages
        if re.search(r"\b(?:flask|django)_app\b", page.read_text())
    }
    assert wrong == set()
