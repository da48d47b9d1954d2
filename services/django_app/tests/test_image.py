import re
from pathlib import Path

import pytest

SERVICE = Path(__file__).parents[1]
FORM = {"Content_Type": "application/x-www-form-urlencoded", "X_Forwarded_For": "192.0.2.7"}


@pytest.mark.docker
def test_the_guestbook_in_its_container(start):
    """Migrate while it serves, write through the form under a prefix, and keep it."""
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
    service = start(SERVICE, HTTPS="1")
    code, said = service.run("python", "manage.py", "check", "--deploy", "--fail-level", "WARNING")
    assert (code, said) == (0, "System check identified no issues (0 silenced).\n")
