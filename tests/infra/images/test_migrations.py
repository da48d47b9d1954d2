"""Of each migration it is told whether the code of before can live with it, and why not."""

from __future__ import annotations

import pytest

from infra.images.migrations import is_migration, judged

DJANGO = """
from django.db import migrations, models

class Migration(migrations.Migration):
    dependencies = [("shop", "0001_initial")]
    operations = [{}]
"""
ALEMBIC = """
from alembic import op
import sqlalchemy as sa

def upgrade():
    {}

def downgrade():
    op.drop_table("orders")
"""


@pytest.mark.parametrize(
    ("path", "is_one"),
    [
        ("shop/migrations/0002_more.py", True),
        ("migrations/0002_more.py", True),
        ("migrations/versions/5f3a_more.py", True),
        ("alembic/versions/more.py", True),
        ("shop/migrations/__init__.py", False),
        ("versions/__init__.py", False),
        ("shop/migrations/helpers.py", False),
        ("shop/models.py", False),
    ],
)
def test_migrations_are_known_by_where_they_lie(path: str, is_one: bool):
    assert is_migration(path) is is_one


@pytest.mark.parametrize(
    ("operation", "told"),
    [
        ('migrations.CreateModel("Order", [])', ""),
        ('migrations.AddField("order", "note", models.TextField(null=True))', ""),
        ('migrations.AddField("order", "note", models.TextField(db_default=""))', ""),
        ('migrations.AddField("order", "tags", models.ManyToManyField("Tag"))', ""),
        ('migrations.AddIndex("order", models.Index(fields=["note"]))', ""),
        ("TrigramExtension()", ""),
        (
            'migrations.AddField(model_name="order", name="note", field=models.TextField())',
            "cannot: it adds order.note, which old code leaves empty",
        ),
        ('migrations.RemoveField("order", "note")', "cannot: it removes order.note"),
        (
            'migrations.RenameField(model_name="order", old_name="note", new_name="text")',
            "cannot: it renames order.note",
        ),
        ('migrations.DeleteModel("Order")', "cannot: it removes Order"),
        ("migrations.RunPython(forwards)", "unknown: RunPython"),
        (
            'migrations.AlterField("order", "note", models.TextField())',
            "unknown: it changes order.note",
        ),
        ("migrations.SeparateDatabaseAndState(state_operations=[migrations.DeleteModel('X')])", ""),
        (
            'migrations.RunSQL("SELECT 1"), migrations.RemoveField("order", "note"), '
            'migrations.DeleteModel("Order")',
            "cannot: it removes order.note, it removes Order",
        ),
    ],
)
def test_what_django_does(operation: str, told: str):
    assert judged(DJANGO.format(operation)) == told


@pytest.mark.parametrize(
    ("operation", "told"),
    [
        ('op.create_table("orders", sa.Column("id", sa.Integer))', ""),
        ('op.add_column("orders", sa.Column("note", sa.Text(), nullable=True))', ""),
        (
            'op.add_column("orders", sa.Column("n", sa.Text(), nullable=False, server_default=""))',
            "",
        ),
        (
            'op.add_column("orders", sa.Column("note", sa.Text(), nullable=False))',
            "cannot: it adds orders.note, which old code leaves empty",
        ),
        ('op.drop_column("orders", "note")', "cannot: it removes orders.note"),
        ('op.drop_table("orders")', "cannot: it removes orders"),
        (
            'op.alter_column("orders", "note", new_column_name="text")',
            "cannot: it renames orders.note",
        ),
        (
            'op.alter_column("orders", "note", nullable=False)',
            "cannot: it has orders.note filled, which old code may leave empty",
        ),
        ('op.alter_column("orders", "note", nullable=True)', ""),
        ('op.execute("UPDATE orders SET note = 1")', "unknown: execute"),
        (
            'with op.batch_alter_table("orders") as batch_op: batch_op.drop_column("note")',
            "cannot: it removes note.…",
        ),
        ("pass", ""),
    ],
)
def test_what_alembic_does_on_its_way_up(operation: str, told: str):
    assert judged(ALEMBIC.format(operation)) == told


@pytest.mark.parametrize("text", ["def (", "\0", "x = " + "(" * 5000, "# " + "x" * (1 << 19)])
def test_what_cannot_be_read_is_unknown(text: str):
    assert judged(text).startswith("unknown: it is ")


def test_what_is_no_migration_does_nothing():
    assert judged("import os\nos.remove('x')\n") == ""
