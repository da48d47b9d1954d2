import re
import shutil
from pathlib import Path

import pytest

SERVICE = Path(__file__).parents[1]
FORM = {"Content_Type": "application/x-www-form-urlencoded", "X_Forwarded_For": "192.0.2.7"}


@pytest.mark.docker
def test_the_guestbook_in_its_container(start):
    """The guestbook migrates while it serves, and keeps an entry written under a prefix."""
    service = start(SERVICE)
    assert "Hello, World!" in service.ask("/").body
    assert service.ask("/readyz").status == 503

    code, said = service.run("python", "manage.py", "migrate", "--noinput")
    assert (code, "Applying guestbook.0001_entries... OK" in said) == (0, True)
    code, said = service.run("python", "manage.py", "migrate", "--noinput")
    assert (code, "No migrations to apply." in said) == (0, True)
    assert service.ask("/readyz").status == 200

    page = service.ask("/guestbook/", prefix="/under")
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.body)[1]
    cookie = page.headers["Set-Cookie"]
    assert "Path=/under;" in cookie
    answer = service.ask(
        "/guestbook/",
        prefix="/under",
        method="POST",
        body=f"csrfmiddlewaretoken={token}&name=Bob&message=was+here",
        Cookie=cookie.split(";")[0],
        Origin="http://service.example",
        **FORM,
    )
    assert (answer.status, answer.headers["Location"]) == (302, "/under/guestbook/#entry-1")
    assert "/under/admin/login/" in service.ask("/admin/", prefix="/under").headers["Location"]

    service.container.restart(timeout=20)
    service.wait()
    assert "was here" in service.ask("/guestbook/").body


@pytest.mark.docker
def test_the_image_passes_djangos_own_review(start):
    """Only the warning about HSTS is left: nginx sends that header where settings ask for it."""
    service = start(SERVICE, HTTPS="1")
    code, said = service.run("python", "manage.py", "check", "--deploy", "--fail-level", "WARNING")
    assert (code, said) == (0, "System check identified no issues (1 silenced).\n")


@pytest.mark.docker
def test_development_in_its_container(start, tmp_path):
    """The toolbar works under a prefix, and changed code and templates serve at once."""
    source = shutil.copytree(SERVICE, tmp_path / "source")
    source.chmod(0o755)
    service = start(SERVICE, source)
    page = service.ask("/", prefix="/under").body
    script = re.search(r'src="/under(/static/debug_toolbar/js/toolbar\.\w+\.js)"', page)[1]
    code, text = service.run("cat", f"/srv{script}")
    assert code == 0
    imported = re.search(r'from "\./(utils\.\w+\.js)"', text)[1]
    assert service.run("test", "-f", f"/srv/static/debug_toolbar/js/{imported}")[0] == 0
    stored = re.search(r'data-request-id="(\w+)"', page)[1]
    panel = f"/__debug__/render_panel/?request_id={stored}&panel_id=TemplatesPanel"
    for _ in range(4):  # whichever worker answers
        assert "website/front.html" in service.ask(panel, prefix="/under").body

    template = source / "website/templates/website/front.html"
    template.write_text(template.read_text().replace("Hello, World!</h1>", "Hello, You!</h1>"))
    assert "Hello, You!" in service.ask("/").body
    health = source / "website/health.py"
    health.write_text(health.read_text().replace('{"status": "ok"}', '{"status": "changed"}'))
    assert service.eventually("/healthz", lambda answer: "changed" in answer.body)


@pytest.mark.docker
def test_only_the_languages_of_the_site_are_in_the_image(start):
    code, found = start(SERVICE).run("find", "/opt/venv", "-name", "*.mo")
    assert code == 0
    assert {path.split("/")[-3] for path in found.split()} == {"en"}
