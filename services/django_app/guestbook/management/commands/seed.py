"""`manage.py seed`: examples for a guestbook that nobody has signed."""

from __future__ import annotations

from django.core.management.base import BaseCommand

from guestbook.models import Entry

EXAMPLES = (
    ("Ada", "Arrived by the first train; the difference engine was running."),
    ("Grace", "Found a moth. Taped it in."),
    ("Edsger", "Took the shortest path here."),
)


class Command(BaseCommand):
    """Signs an empty guestbook."""

    help = "Put examples into the guestbook if it is empty."

    def handle(self, *_args: object, **_options: object) -> None:
        """Do nothing where somebody has signed."""
        if Entry.objects.exists():
            self.stdout.write("the guestbook has entries already")
            return
        Entry.objects.bulk_create(Entry(name=name, message=text) for name, text in EXAMPLES)
        self.stdout.write(f"{len(EXAMPLES)} entries put into the guestbook")
