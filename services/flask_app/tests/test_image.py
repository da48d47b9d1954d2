import re
import shutil
from pathlib import Path

import pytest

SERVICE = Path(__file__).parents[1]
NOT_LOADED = "the code changed, but does not load: SyntaxError: invalid syntax"


@pytest.mark.docker
def test_the_board_in_its_container(start):
    """The board migrates while it serves, and keeps on its data volume what was written."""
    service = start(SERVICE)
    assert "Hello, World!" in service.ask("/").body
    assert service.ask("/readyz").status == 503

    assert service.run("flask", "db", "upgrade") == (0, "applied 0001: The table of notes.\n")
    assert service.run("flask", "db", "upgrade") == (0, "")
    assert service.ask("/readyz").status == 200

    added = service.ask(
        "/api/notes",
        prefix="/under",
        method="POST",
        body='{"author": "Ann", "text": "hello"}',
        Content_Type="application/json",
        X_Request_ID="r-1",
        X_Forwarded_For="192.0.2.7",
    )
    assert added.status == 201
    assert added.headers["Location"] == "/under/api/notes/1"
    assert "Path=/under" in added.headers["Set-Cookie"]
    assert "/under/static/site." in service.ask("/", prefix="/under").body
    [event] = service.events(message="note added")
    assert (event["note"], event["request_id"]) == (1, "r-1")

    service.container.restart(timeout=20)
    service.wait()
    assert service.ask("/api/notes/1").json()["text"] == "hello"


@pytest.mark.docker
def test_development_in_its_container(start, tmp_path):
    """The toolbar works under a prefix, and changed code and templates serve at once."""
    source = shutil.copytree(SERVICE, tmp_path / "source")
    source.chmod(0o755)
    service = start(SERVICE, source)
    page = service.ask("/", prefix="/under").body
    script = re.search(r'src="/under(/_debug_toolbar/static/js/toolbar.js)"', page)[1]
    assert service.ask(script, prefix="/under").status == 200
    assert "flDebugSQLAlchemyPanel" in page
    assert "SECRET_KEY" not in page

    template = source / "notes/templates/front.html"
    template.write_text(template.read_text().replace("Hello, World!</h1>", "Hello, You!</h1>"))
    assert "Hello, You!" in service.ask("/").body
    pages = source / "notes/pages.py"
    pages.write_text(pages.read_text().replace('"/favicon.ico"', '"/icon"'))
    assert service.eventually("/icon", lambda answer: answer.status == 302)
    pages.write_text("this is no Python")
    assert service.eventually("/readyz", lambda _: bool(service.events(message=NOT_LOADED)))
    assert service.ask("/").status == 200
