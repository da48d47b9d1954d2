from pathlib import Path

import pytest

SERVICE = Path(__file__).parents[1]


@pytest.mark.docker
def test_the_board_in_its_container(start):
    """Migrate while it serves, write under a prefix, and keep it all on the data volume."""
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
