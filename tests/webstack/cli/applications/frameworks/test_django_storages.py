"""Files are named below the path of each request, in a process that serves several paths."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.webstack.cli.applications.trees import DJANGO, SETTINGS, found

ASK = """
import django
django.setup()
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.files.storage import default_storage
from django.templatetags.static import static
from django.urls import set_script_prefix
for prefix in ("/", "/shop/", "/"):
    set_script_prefix(prefix)
    print(static("a.css"), default_storage.url("b.png"), settings.STATIC_STORAGE.split(".")[-1])
"""
STORAGES = """\
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {}},
    "staticfiles": {"BACKEND": "shop.own.Static"},
}
"""
OWN = """\
from django.contrib.staticfiles.storage import StaticFilesStorage

class Static(StaticFilesStorage):
    pass
"""
MEDIA = 'INSTALLED_APPS = ["django.contrib.staticfiles"]\nMEDIA_ROOT = BASE_DIR / "m"\n'


def asked(folder: Path, settings: str) -> list[list[str]]:
    """Give the addresses of a static file and of a user's file, by prefix, in one process."""
    code = f"from pathlib import Path\n{settings}"
    files = {**DJANGO, "shop/settings.py": code, "shop/own.py": OWN}
    for name, text in {**files, **found(files).files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    ran = subprocess.run(
        [sys.executable, "-c", ASK],
        cwd=folder,
        env={"DJANGO_SETTINGS_MODULE": "webstack_settings", "SECRET_KEY": "x"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return [line.split() for line in ran.stdout.splitlines()]


@pytest.mark.parametrize(
    ("settings", "media", "storage"),
    [
        (f"{SETTINGS}{MEDIA}", "media", "StaticFilesStorage"),
        (f"{SETTINGS}{MEDIA}MEDIA_URL = '/up/'\n{STORAGES}", "up", "Static"),
    ],
)
def test_files_are_named_below_the_path_of_each_request(
    settings: str, media: str, storage: str, tmp_path: Path
):
    assert asked(tmp_path, settings) == [
        ["/static/a.css", f"/{media}/b.png", storage],
        ["/shop/static/a.css", f"/shop/{media}/b.png", storage],
        ["/static/a.css", f"/{media}/b.png", storage],
    ]


def test_a_project_with_older_words_keeps_its_storages():
    code = f'{SETTINGS}STATICFILES_STORAGE = "x.Y"\n'
    files = found({**DJANGO, "shop/settings.py": code}).files
    assert "webstack_storage.py" not in files
    assert "STORAGES" not in files["webstack_settings.py"]
