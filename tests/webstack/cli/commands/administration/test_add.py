"""An application becomes a service of the settings; a second time changes nothing."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import yaml

from tests.webstack.cli.applications.trees import DJANGO, FLASK
from webstack.cli.applications.fetching import is_address
from webstack.cli.applications.service_entry import name_from


def lay(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def services(project: Path) -> dict[str, dict[str, object]]:
    config = yaml.safe_load((project / "Pulumi.dev.yaml").read_text())["config"]
    return dict(config["webstack:services"])


@pytest.fixture
def shop(project: Path) -> Path:
    """Write a stock Django project into the folder of the stack's project."""
    return lay(project / "services" / "shop", DJANGO)


def test_an_application_is_written_into_the_settings(run, project, shop, capsys):
    assert run("add", str(shop)) == 0
    service = services(project)["shop"]
    assert service["source"] == "services/shop"
    assert service["hosts"] == ["shop.localhost"]
    assert service["secret_environment"] == {"SECRET_KEY": {}}
    said = capsys.readouterr().out
    assert "shop: Django, in services/shop. Found:" in said
    assert "shop.wsgi:application" in said
    assert "shop/settings.py:5" in said
    assert "Written: services/shop/Dockerfile, services/shop/webstack_settings.py" in said


def test_a_second_time_changes_nothing(run, project, shop, capsys):
    run("add", str(shop))
    files = {path: path.read_text() for path in project.rglob("*") if path.is_file()}
    capsys.readouterr()
    assert run("add", str(shop)) == 0
    assert "shop is in Pulumi.dev.yaml already; nothing was changed" in capsys.readouterr().out
    assert files == {path: path.read_text() for path in project.rglob("*") if path.is_file()}


def test_it_comes_beside_other_services_whose_comments_stay(run, project, shop):
    settings = project / "Pulumi.dev.yaml"
    text = (
        "config:\n  webstack:services:\n    a: {source: a, path: /}  # the first\n\n  # x\n  b: 1\n"
    )
    settings.write_text(text)
    run("add", str(shop), "store", "--path", "/store")
    assert list(services(project)) == ["a", "store"]
    assert services(project)["store"]["path"] == "/store"
    assert "hosts" not in services(project)["store"]
    changed = settings.read_text()
    assert "# the first" in changed
    assert changed.index("store:") < changed.index("# x")


def test_what_is_shown_alone_is_not_written(run, project, shop, capsys):
    before = (project / "Pulumi.dev.yaml").read_text()
    assert run("add", str(shop), "--show") == 0
    assert "Found:" in capsys.readouterr().out
    assert not (shop / "Dockerfile").exists()
    assert (project / "Pulumi.dev.yaml").read_text() == before


def test_files_of_the_application_s_own_stay(run, shop):
    (shop / ".dockerignore").write_text("mine")
    (shop / "webstack_settings.py").write_text("mine")
    run("add", str(shop))
    assert (shop / ".dockerignore").read_text() == "mine"
    assert (shop / "webstack_settings.py").read_text() == "mine"


def test_one_outside_of_the_project_is_said_to_be_meant(run, project, tmp_path_factory):
    folder = lay(tmp_path_factory.mktemp("elsewhere") / "My_Shop", FLASK)
    run("add", str(folder))
    service = services(project)["my-shop"]
    assert service["source_outside"] is True
    assert (project / str(service["source"])).resolve() == folder


def test_a_variable_is_asked_for_where_someone_can_answer(run, project, capsys):
    code = FLASK["app.py"] + 'A = os.environ["API_URL"]\nB = os.environ["API_KEY"]\n'
    folder = lay(project / "services" / "shop", {"app.py": code})
    run("add", str(folder), answer="https://a.org")
    assert services(project)["shop"]["environment"]["API_URL"] == "https://a.org"
    said = capsys.readouterr().out
    assert "API_KEY; add secret_environment: {API_KEY: {setting: api_key}}" in said
    run("add", str(folder), "other")
    assert "API_URL; add environment: {API_URL: …}" in capsys.readouterr().out


def test_what_is_no_application_changes_nothing(run, project, capsys):
    folder = lay(project / "services" / "none", {"README.md": "x"})
    before = (project / "Pulumi.dev.yaml").read_text()
    assert run("add", str(folder)) == 1
    assert capsys.readouterr().err.startswith("error: no Flask or Django application")
    assert (project / "Pulumi.dev.yaml").read_text() == before


def test_an_application_is_copied_from_its_repository(run, project, tmp_path_factory, capsys):
    origin = lay(tmp_path_factory.mktemp("origin") / "Shop.git", FLASK)
    who = ("-c", "user.name=a", "-c", "user.email=a@b.org")
    for words in (("init", "-q"), ("add", "-A"), ("commit", "-q", "-m", "x")):
        subprocess.run(["git", *who, *words], cwd=origin, check=True)
    assert run("add", f"file://{origin}") == 0
    assert services(project)["shop"]["source"] == "services/shop"
    assert (project / "services/shop/app.py").is_file()
    assert not (project / "services/shop/.git").exists()
    assert "is copied to services/shop, as of" in capsys.readouterr().out
    assert run("add", f"file://{origin}-none", "none") == 1
    assert capsys.readouterr().err.startswith("error: git cannot fetch it: ")


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://example.org/a/shop.git", True),
        ("git@example.org:a/shop.git", True),
        ("ssh://git@example.org/a", True),
        ("services/shop", False),
        ("--upload-pack=x", False),
        ("ext::sh -c x", False),
        ("https://-x", False),
    ],
)
def test_what_is_an_address(text: str, address: bool):
    assert is_address(text) is address


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("https://example.org/a/My_Shop.git", "my-shop"),
        ("git@example.org:a/shop", "shop"),
        ("services/2nd.shop/", "nd-shop"),
        ("x" * 60, "x" * 31),
        ("日本", "app"),
    ],
)
def test_a_service_is_named_after_its_folder(text: str, name: str):
    assert name_from(text) == name


def test_a_server_that_knows_one_prefix_is_not_served_at_two_places(run, project, capsys):
    files = {**FLASK, "app.py": "from fastapi import FastAPI\napp = FastAPI()\n"}
    api = lay(project / "services" / "api", files)
    before = (project / "Pulumi.dev.yaml").read_text()
    assert run("add", str(api), "--path", "/api", "--host", "api.localhost") == 1
    said = capsys.readouterr().err
    assert "uvicorn takes one prefix for all requests, here /api; leave out --path or" in said
    assert (project / "Pulumi.dev.yaml").read_text() == before
    assert not (api / "Dockerfile").exists()
