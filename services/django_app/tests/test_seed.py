"""An empty guestbook gets examples."""

from io import StringIO

from django.core.management import call_command

from guestbook.management.commands.seed import EXAMPLES
from guestbook.models import Entry


def seeded() -> str:
    said = StringIO()
    call_command("seed", stdout=said)
    return said.getvalue()


def test_an_empty_guestbook_gets_examples_once(client):
    assert seeded() == f"{len(EXAMPLES)} entries put into the guestbook\n"
    assert seeded() == "the guestbook has entries already\n"
    assert {entry.message for entry in Entry.objects.all()} == {text for _, text in EXAMPLES}
    assert EXAMPLES[0][1] in client.get("/guestbook/").content.decode()
