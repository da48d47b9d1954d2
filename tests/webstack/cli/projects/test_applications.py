from __future__ import annotations

from pathlib import Path

import pytest

from webstack.cli.projects.applications import Application, adopted, started
from webstack.cli.projects.tree import File
from webstack.cli.terminal.errors import OpsError

FLASK = "from flask import Flask\n"


def folder_with(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


@pytest.mark.parametrize(
    ("files", "entry"),
    [
        ({"app.py": FLASK + "app = Flask(__name__)\n"}, "app:app"),
        ({"shop.py": "import flask\nserver = flask.Flask('x')\n"}, "shop:server"),
        (
            {"shop/__init__.py": FLASK + "def create_app():\n    return Flask('x')\n"},
            "shop:create_app()",
        ),
        (
            {
                "zz/other.py": FLASK + "app = Flask('other')\n",
                "wsgi.py": FLASK + "application = Flask('x')\n",
                "tests/test_app.py": FLASK + "app = Flask('test')\n",
            },
            "wsgi:application",
        ),
        ({"broken.py": "Flask( =", "main.py": FLASK + "app = Flask('x')\n"}, "main:app"),
    ],
)
def test_a_flask_application_is_found_by_what_it_offers(
    tmp_path: Path, files: dict[str, str], entry: str
):
    assert adopted("flask", folder_with(tmp_path / "Shop_2", files)).entry == entry


def test_a_django_application_is_served_by_the_wsgi_module_of_its_site(tmp_path: Path):
    files = {"manage.py": "", "site/wsgi.py": "", "site/settings.py": "", "deep/er/wsgi.py": ""}
    made = adopted("django", folder_with(tmp_path / "site", files))
    assert made.entry == "site.wsgi:application"
    assert made.files["requirements.txt"].content == b"django\n"


@pytest.mark.parametrize("kind", ["flask", "django"])
def test_a_folder_without_an_application_is_told_in_one_line(tmp_path: Path, kind: str):
    folder_with(tmp_path, {"readme.md": "Flask("})
    with pytest.raises(OpsError, match=f"holds no {kind.title()} application; it would have"):
        adopted(kind, tmp_path)
    with pytest.raises(OpsError, match="is no folder"):
        adopted(kind, tmp_path / "nowhere")


def test_a_service_has_its_files_the_recipe_of_its_image_and_a_name(tmp_path: Path):
    files = {
        "app.py": FLASK + "app = Flask('x')\n",
        "requirements.txt": "flask==3\n",
        "Dockerfile": "FROM scratch\n",
        ".venv/lib/flask.py": FLASK + "app = Flask('x')\n",
        ".git/config": "",
        "static/a.css": "",
    }
    made = adopted("flask", folder_with(tmp_path / "My Shop", files))
    assert made.name == "my-shop"
    recipe = made.files["Dockerfile"].content.decode()
    assert 'CMD ["gunicorn", "app:app"]' in recipe
    assert "pip install gunicorn" in recipe
    assert made.files["Dockerfile.before"].content == b"FROM scratch\n"
    assert made.files.keys() == {
        ".dockerignore", "Dockerfile", "Dockerfile.before", "app.py", "requirements.txt",
        "static/a.css",
    }  # fmt: skip


def test_gunicorn_is_not_installed_twice():
    tree = {"app.py": File(b""), "requirements.txt": File(b"Flask\nGunicorn==23.0\n")}
    assert (
        b"pip install gunicorn"
        not in Application("web", "app:app", tree).files["Dockerfile"].content
    )


def test_the_settings_say_where_it_is_served_and_how_it_is_asked():
    assert started({}).settings("/", 1) == "    web:\n      source: services/web\n      path: /\n"
    said = Application("shop", "app:app", {}).settings("/shop", 2)
    assert "      replicas: 2\n" in said
    assert "      health: {path: /, status: [200-499]}\n" in said


def test_an_application_with_a_health_check_is_asked_by_that(tmp_path: Path):
    text = FLASK + "app = Flask('x')\n@app.get('/healthz')\ndef health(): return 'ok'\n"
    made = adopted("flask", folder_with(tmp_path / "shop", {"app.py": text}))
    assert "health:" not in made.settings("/", 1)
