"""Whether the database has the schema that this release needs."""

from __future__ import annotations

from functools import cache

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from notes.database import MIGRATIONS, db


def pending_migrations() -> bool:
    """Tell whether migrations of this release are not applied yet.

    A revision that this release does not know belongs to a newer one, which has migrated
    while this one still serves; its schema still suits this release.
    """
    head, known = _revisions()
    applied = MigrationContext.configure(db.session.connection()).get_current_heads()
    return not applied or any(revision in known and revision != head for revision in applied)


@cache
def _revisions() -> tuple[str | None, frozenset[str]]:
    scripts = ScriptDirectory(str(MIGRATIONS))
    return scripts.get_current_head(), frozenset(
        script.revision for script in scripts.walk_revisions()
    )
