"""Applications as trees of files, without a folder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from webstack.cli.applications.findings import Application
from webstack.cli.applications.recognise import recognise
from webstack.cli.applications.tree import SourceTree

MANAGE = 'os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")\n'
SETTINGS = """\
BASE_DIR = Path(__file__).resolve().parent.parent
SECRET_KEY = "django-insecure-x"
DEBUG = True
ROOT_URLCONF = "shop.urls"
WSGI_APPLICATION = "shop.wsgi.application"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": BASE_DIR / "db.sqlite3"}}
STATIC_URL = "static/"
"""
DJANGO = {
    "manage.py": MANAGE,
    "shop/__init__.py": "",
    "shop/settings.py": SETTINGS,
    "shop/urls.py": 'urlpatterns = [path("", home)]\n',
    "shop/wsgi.py": MANAGE,
    "requirements.txt": "Django==5.2.1\n",
}
FLASK = {
    "app.py": 'from flask import Flask\napp = Flask(__name__)\n@app.route("/")\ndef f(): ...\n',
    "requirements.txt": "flask\n",
}


def tree(files: Mapping[str, str]) -> SourceTree:
    """Give a tree of these files, all of which are read."""
    return SourceTree(frozenset(files), dict(files))


def found(files: Mapping[str, str], **more: str) -> Application:
    """Give the findings on an application of these files; more come by ``folder__name_py=text``."""
    return recognise(tree({**files, **more}))


def settings(application: Application) -> dict[str, Any]:
    """Give the proposed settings of findings, by key."""
    return {each.key: each.value for each in application.settings}


def words(application: Application) -> str:
    """Give all findings that were not solved."""
    return "\n".join(map(str, application.unsolved))
