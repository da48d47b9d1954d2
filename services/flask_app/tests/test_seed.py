"""An empty board gets examples."""

from notes.seed import EXAMPLES


def test_an_empty_board_gets_examples_once(app, client):
    first = app.test_cli_runner().invoke(args=["seed"])
    assert first.output == f"{len(EXAMPLES)} notes put on the board\n"
    second = app.test_cli_runner().invoke(args=["seed"])
    assert second.output == "the board has notes already\n"
    assert {note["text"] for note in client.get("/api/notes").json["notes"]} == {
        text for _, text in EXAMPLES
    }
