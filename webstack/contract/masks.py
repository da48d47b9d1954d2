"""Rules that hide what a copy of a database is not to have, as SQL: pure.

A rule is for a column (``table.column``) or for a table, whose rows it deletes. A table may have
its schema in front.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

DELETE = "delete"
OWN = "="
"""The beginning of a rule that is an expression of SQL, in which columns have their names."""
_EXPRESSIONS = {
    "null": "NULL",
    "empty": "''",
    "zero": "0",
    "hash": "md5({salt} || {column}::text)",
    "email": "left(md5({salt} || {column}::text), 16) || '@example.invalid'",
    "text": "regexp_replace({column}::text, '[^[:space:]]', 'x', 'g')",
}
WORDS = (*_EXPRESSIONS, DELETE)


class MaskError(ValueError):
    """Reports a rule that cannot be followed; the message says which one, and what may be."""


def statements(rules: Mapping[str, str], salt: str) -> Iterator[str]:
    """Give the statements for one database, one for each table; raises MaskError.

    Hashes of one ``salt`` are equal where values were: who has it not cannot try values.
    """
    sets: dict[str, list[str]] = {}
    for place, rule in rules.items():
        table, column = target(place, rule)
        if column is None:
            yield f"DELETE FROM {table}"  # noqa: S608 - names are quoted, rules the owner's own
        else:
            sets.setdefault(table, []).append(f"{column} = {_expression(rule, column, salt)}")
    for table, values in sets.items():
        yield f"UPDATE {table} SET {', '.join(values)}"  # noqa: S608 - as above


def target(place: str, rule: str) -> tuple[str, str | None]:
    """Give the table and the column that a rule is for, quoted; raises MaskError."""
    parts = place.split(".")
    if not all(parts) or "\0" in place or len(parts) > (2 if rule == DELETE else 3):
        raise MaskError(f"{place} is no place; write table.column, or a table to delete its rows")
    names = ['"{}"'.format(part.replace('"', '""')) for part in parts]
    if rule == DELETE:
        return ".".join(names), None
    if len(parts) == 1:
        raise MaskError(f"{place}: {rule} is for a column; write table.column, or {DELETE}")
    if rule not in _EXPRESSIONS and (not rule.startswith(OWN) or not rule[1:].strip()):
        known = ", ".join(WORDS)
        raise MaskError(f"{place}: there is no rule {rule}; it can be {known}, or {OWN} and SQL")
    return ".".join(names[:-1]), names[-1]


def _expression(rule: str, column: str, salt: str) -> str:
    if rule.startswith(OWN):
        return f"({rule[1:].strip()})"
    return _EXPRESSIONS[rule].format(column=column, salt=f"'{salt}'")
