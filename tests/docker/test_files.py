"""Files that a service keeps have the right owner, are served safely, and stay within limits."""

from __future__ import annotations

from typing import Any

import pytest

from tests.docker.test_changes import edit
from tests.docker.test_roles import only

pytestmark = pytest.mark.docker

WRITER = """
import os, pathlib
up = pathlib.Path("/app/uploads")
for name, body in {"a.png": b"picture", "a.svg": b"<svg/>", "a.html": b"<script>"}.items():
    (up / name).write_bytes(body)
if not (up / "link.txt").is_symlink():
    (up / "link.txt").symlink_to("/etc/passwd")

def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"the service's own"]
"""


def test_files_that_a_service_writes_are_served_safely_and_kept(project: Any):
    only(
        project,
        path="/shop",
        volumes={"uploads": "/app/uploads"},
        media={"/media": "/app/uploads"},
        static="/app/static",
        static_at={"/assets": "/app/dist"},
    )
    folder = project.root / "services" / "third"
    (folder / "app.py").write_text(WRITER)
    (folder / "uploads").mkdir()
    (folder / "uploads" / "first.txt").write_text("of the image")
    for name in ("static", "dist"):
        (folder / name).mkdir()
        (folder / name / "plain.js").write_text(f"// {name}")
    (folder / "cache").mkdir()
    (folder / "cache" / "a.txt").touch()
    project.up()

    for path, name in (("static", "static"), ("assets", "dist")):
        script = project.get(f"/shop/{path}/plain.js")
        assert (script.status, script.text) == (200, f"// {name}")
        assert script.headers["cache-control"] == "public, no-cache"
        etag = {"If-None-Match": script.headers["etag"]}
        assert project.request("GET", f"/shop/{path}/plain.js", headers=etag).status == 304
    picture = project.get("/shop/media/a.png")
    assert (picture.status, picture.body) == (200, b"picture")
    assert picture.headers["content-type"] == "image/png"
    assert picture.headers["x-content-type-options"] == "nosniff"
    assert "content-disposition" not in picture.headers
    assert project.get("/shop/media/first.txt").text == "of the image"
    for name in ("a.svg", "a.html"):
        answer = project.get(f"/shop/media/{name}")
        assert answer.headers["content-disposition"] == "attachment"
        assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    part = project.request("GET", "/shop/media/a.png", headers={"Range": "bytes=0-3"})
    assert (part.status, part.body) == (206, b"pict")
    assert project.get("/shop/media/link.txt").text == "the service's own"
    assert project.get("/shop/media/none.png").text == "the service's own"
    assert f"{project.project}-dev-third-uploads" in project.objects()

    edit(folder / "app.py", 'up = pathlib.Path("/app/uploads")', 'up = pathlib.Path("/app/cache")')
    failed = project.webstack("up", "--yes", check=False)
    assert failed.returncode == 1
    assert "as data: /app/cache or writable: {/app/cache: 16}" in failed.stdout
    assert project.get("/shop/media/a.png").body == b"picture"

    project.change_settings(lambda config: config["webstack:services"]["third"].pop("volumes"))
    project.change_settings(lambda config: config["webstack:services"]["third"].pop("media"))
    refused = project.webstack("up", "--yes", check=False)
    assert "this would lose the data of third-uploads" in refused.stderr
