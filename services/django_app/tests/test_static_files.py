import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

SERVICE = Path(__file__).parents[1]
LINKS = """
from django.templatetags.static import static
from django.urls import set_script_prefix
for prefix in ("/p/", "/"):
    set_script_prefix(prefix)
    print(static("website/site.css"))
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Collect the static files as the image's build does; gives their folder, and `manage.py`."""
    folder = tmp_path_factory.mktemp("srv")
    variables = {
        "PATH": os.environ["PATH"],
        "ENVIRONMENT": "dev",
        "DEBUG": "1",
        "DATABASE_URL": "sqlite://:memory:",
        "STATIC_ROOT": str(folder / "static"),
        "STATIC_MANIFEST": str(folder / "manifest.json"),
    }

    def manage(*command):
        return subprocess.run(
            [sys.executable, "-W", "error", "manage.py", *command],
            cwd=SERVICE,
            env=variables,
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    manage("collectstatic", "--noinput", "--ignore", "LICENSE")
    return folder, manage


def test_only_hashed_names_are_left(built):
    folder, _ = built
    files = [path for path in (folder / "static").rglob("*") if path.is_file()]
    assert len(files) > 100
    assert [path for path in files if not re.search(r"\.[0-9a-f]{12}\.\w+$", path.name)] == []


def test_style_sheets_name_the_hashed_picture(built):
    folder, _ = built
    names = json.loads((folder / "manifest.json").read_text())["paths"]
    sheet = (folder / "static" / names["website/site.css"]).read_text()
    assert f'url("{Path(names["website/dots.svg"]).name}")' in sheet


def test_links_carry_hashed_names_and_each_requests_prefix_also_in_debug(built):
    folder, manage = built
    name = json.loads((folder / "manifest.json").read_text())["paths"]["website/site.css"]
    links = manage("shell", "-v0", "-c", LINKS).split()
    assert links == [f"/p/static/{name}", f"/static/{name}"]
