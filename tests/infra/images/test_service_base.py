"""The base images of services follow the content of the package; the other images do not."""

from __future__ import annotations

import py_compile
import shutil
from pathlib import Path

import docker
import pytest

import webstack_service
from infra.base_images import BaseNames, recipes
from infra.images import service_base

DEBIAN = "debian:trixie-slim"


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Copy the package, so that a test can change what is built in."""
    copied = shutil.copytree(service_base.PACKAGE, tmp_path / service_base.PACKAGE.name)
    build_context = service_base.build_context
    monkeypatch.setattr(service_base, "build_context", lambda: build_context(copied))
    return copied


def test_the_build_gets_the_recipe_and_the_modules():
    files = service_base.build_context()
    assert files.keys() >= {"Dockerfile", "webstack_service/worker.py"}
    assert files["webstack_service/worker.py"] == (service_base.PACKAGE / "worker.py").read_bytes()


def test_a_changed_package_is_another_image_for_services_only(package: Path):
    before = BaseNames.of(DEBIAN)
    (package / "worker.py").write_text("changed = True\n")
    after = BaseNames.of(DEBIAN)
    assert after.service != before.service
    assert after.service_build != before.service_build
    same = {"debian", "python", "python_build"}
    assert {name for name, value in vars(after).items() if value == vars(before)[name]} == same


def test_another_debian_is_another_image_for_services_too():
    first, second = BaseNames.of(DEBIAN), BaseNames.of("debian:other")
    assert not set(vars(first).values()) & set(vars(second).values())


def test_what_python_left_behind_counts_as_nothing(package: Path):
    before = BaseNames.of(DEBIAN)
    py_compile.compile(str(package / "worker.py"))
    assert list(package.rglob("*.pyc"))
    assert BaseNames.of(DEBIAN) == before


def test_each_image_for_services_is_made_of_the_base_image_beside_it():
    names = BaseNames.of(DEBIAN)
    made_of = {
        each["image"]: each["base"] for each in recipes(DEBIAN, names, None) if "base" in each
    }
    assert made_of == {names.service: names.python, names.service_build: names.python_build}


def test_a_release_from_before_that_package_declares_no_image_with_it():
    old = BaseNames("webstack/debian:1", "webstack/python:1", "webstack/python-build:1")
    stages = [each["stage"] for each in recipes(DEBIAN, old, None)]
    assert stages == ["debian", "python", "python-build"]


@pytest.mark.docker
def test_the_package_is_compiled_and_found_by_every_python_of_both_images(base_images: BaseNames):
    """Nobody can write into the folder later, so each start of a worker would compile it anew."""
    code = (
        "from webstack_service import __version__, logs; open(logs.__cached__); print(__version__)"
    )
    both = (
        f"python3 -m venv --without-pip /v; for p in python3 /v/bin/python; do $p -c '{code}'; done"
    )
    client = docker.from_env(timeout=120)
    said = client.containers.run(base_images.service_build, ["sh", "-c", both], remove=True)
    assert said.decode().split() == [webstack_service.__version__] * 2
    said = client.containers.run(base_images.service, ["python3", "-c", code], remove=True)
    assert said.decode().split() == [webstack_service.__version__]
    client.close()
