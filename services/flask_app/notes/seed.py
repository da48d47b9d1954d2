"""`flask seed`: examples for a board that nobody has written on."""

from __future__ import annotations

import click
from flask import Flask

from notes.database import Note, db

EXAMPLES = (
    ("Ada", "The analytical engine weaves algebraic patterns."),
    ("Grace", "A ship in port is safe, but that is not what ships are built for."),
    ("Edsger", "Simplicity is a prerequisite for reliability."),
)


def init_app(app: Flask) -> None:
    """Give an application the command."""
    app.cli.command("seed")(seed)


def seed() -> None:
    """Put examples on the board if it is empty."""
    if db.session.scalars(db.select(Note).limit(1)).first():
        click.echo("the board has notes already")
        return
    db.session.add_all(Note(author=author, text=text) for author, text in EXAMPLES)
    db.session.commit()
    click.echo(f"{len(EXAMPLES)} notes put on the board")
