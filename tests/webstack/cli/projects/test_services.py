from __future__ import annotations

import builtins
from pathlib import Path
from typing import Any

import pytest
import yaml

from webstack.cli.projects.services import Service, adopted, started
from webstack.cli.terminal.errors import OpsError

FLASK = "from flask import Flask\napp = Flask(__name__)\n"
DJANGO = {
    "manage.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'site1.settings')\n",
    "site1/__init__.py": "",
    "site1/settings.py": "WSGI_APPLICATION = 'site1.wsgi.application'\n",
    "site1/wsgi.py": "",
    "requirements.txt": "django==5.2\n",
}


def folder_with(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


@pytest.mark.parametrize(
    ("kind", "files"),
    [
        ("flask", {"app.py": FLASK, "requirements.txt": "flask\n"}),
        ("django", DJANGO),
        ("site", {"index.html": "<h1>Shop</h1>", "css/site.css": "h1 { color: red }"}),
    ],
)
def test_an_application_becomes_a_service_with_its_files_and_a_dockerfile(
    tmp_path: Path, kind: str, files: dict[str, str]
):
    folder = folder_with(tmp_path / "My_Shop", {**files, ".venv/x.py": "", ".git/config": ""})
    made = adopted(kind, folder)
    assert made.name == "my-shop"
    assert files.keys() | {"Dockerfile", ".dockerignore"} <= made.tree.keys()
    assert not [name for name in made.tree if name.startswith((".venv", ".git/"))]
    entry = yaml.safe_load(made.lines("/shop", 2))["my-shop"]
    assert entry["source"] == "services/my-shop"
    assert (entry["path"], entry["replicas"]) == ("/shop", 2)
    assert made.told


def test_another_kind_of_application_is_told_in_one_line(tmp_path: Path):
    folder_with(tmp_path / "shop", {"app.py": FLASK, "requirements.txt": "flask\n"})
    with pytest.raises(OpsError, match=r"holds no Django application, but Flask; make the project"):
        adopted("django", tmp_path / "shop")
    with pytest.raises(OpsError, match=r"holds no static site, but Flask"):
        adopted("site", tmp_path / "shop")


@pytest.mark.parametrize("kind", ["flask", "django"])
def test_a_folder_without_an_application_is_told_in_one_line(tmp_path: Path, kind: str):
    folder_with(tmp_path / "shop", {"readme.md": "Flask("})
    with pytest.raises(OpsError, match="no Flask or Django application"):
        adopted(kind, tmp_path / "shop")
    with pytest.raises(OpsError, match="is no folder"):
        adopted(kind, tmp_path / "nowhere")


def test_from_a_wheel_that_is_not_installed_the_way_out_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    real = builtins.__import__

    def without_packages(name: str, *rest: Any) -> Any:
        if name.startswith("webstack.cli.applications"):
            raise ModuleNotFoundError("No module named 'yaml'", name="yaml")
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without_packages)
    with pytest.raises(OpsError, match=r"needs the package yaml, .*; make the project without"):
        adopted("flask", tmp_path)


def test_the_smallest_service_has_a_source_and_a_route():
    assert started({}).lines("/", 1) == "    web:\n      source: services/web\n      path: /\n"


@pytest.mark.parametrize(
    "value",
    ["plain", "true", "8080", "a: b", "ünï", ["a", 1], {"path": "/", "status": ["200-404"]},
     2, 0.5, False, "/x y", "x\ny", "no"],
)  # fmt: skip
def test_a_value_is_read_as_it_was_written(value: Any):
    text = Service("shop", {}, {"value": value}).lines("/", 1)
    assert yaml.safe_load(text)["shop"]["value"] == value
    assert text.count("\n") == 4
