"""Tells of each migration whether the code of before can live with it: pure, by its text.

The releases of a service overlap: the old one serves while the new one migrates, and it may come
back by a rollback. Nothing is run: what only the database or the application knows is not known.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping

CANNOT, UNKNOWN = "cannot", "unknown"
"""Words that a judgement begins with; an empty one means that old code can live with it."""
_LARGEST = 1 << 18
_DJANGO = re.compile(r"(?:.*/)?migrations/\d{4}_\w+\.py")
_ALEMBIC = re.compile(r"(?:.*/)?versions/(?!__)[^/]+\.py")
_HARMLESS = {
    *("CreateModel", "AddIndex", "AddIndexConcurrently", "RemoveIndex", "RemoveIndexConcurrently"),
    *("RenameIndex", "AlterModelOptions", "AlterModelManagers", "RemoveConstraint"),
    *("create_table", "create_index", "drop_index", "drop_constraint", "create_table_comment"),
    *("f", "get_bind", "get_context", "batch_alter_table"),
}
_GONE = {
    "RemoveField": "it removes {0}.{1}",
    "RenameField": "it renames {0}.{1}",
    "DeleteModel": "it removes {0}",
    "RenameModel": "it renames {0}",
    "AlterModelTable": "it renames the table of {0}",
    "drop_column": "it removes {0}.{1}",
    "drop_table": "it removes {0}",
    "rename_table": "it renames {0}",
}
_NAMES = ("model_name", "name", "old_name", "table_name", "column_name", "old_table_name")


def is_migration(path: str) -> bool:
    """Tell whether a file of a source folder is a migration of Django or Alembic, by its name."""
    return bool(_DJANGO.fullmatch(path) or _ALEMBIC.fullmatch(path))


def judged(text: str) -> str:
    """Judge a migration: empty, or ``cannot: …``, or ``unknown: …`` with what it does."""
    if len(text) > _LARGEST:
        return f"{UNKNOWN}: it is too long to be read"
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return f"{UNKNOWN}: it is no Python"
    found = [said for call in _calls(tree) if (said := _of_call(call))]
    for kind in (CANNOT, UNKNOWN):
        if own := [said.partition(": ")[2] for said in found if said.startswith(kind)]:
            return f"{kind}: {', '.join(dict.fromkeys(own))}"
    return ""


def between(now: Mapping[str, str], then: Mapping[str, str]) -> dict[str, str]:
    """Give the migrations that a release has and another one lacks, with their judgements."""
    return {path: said for path, said in sorted(now.items()) if path not in then}


def _calls(tree: ast.Module) -> Iterator[ast.Call]:
    """Find what a migration does: Django's operations, and calls in Alembic's upgrade."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name == "Migration":
            for item in node.body:
                if isinstance(item, ast.Assign) and _named(item.targets[0]) == "operations":
                    yield from _operations(item.value)
        elif isinstance(node, ast.FunctionDef) and node.name == "upgrade":
            calls = [each for each in ast.walk(node) if isinstance(each, ast.Call)]
            yield from (each for each in calls if _is_operation(each))


def _operations(value: ast.expr) -> Iterator[ast.Call]:
    if isinstance(value, (ast.List, ast.Tuple)):
        for each in value.elts:
            if isinstance(each, ast.Call) and _named(each.func) == "SeparateDatabaseAndState":
                yield from _operations(_keyword(each, "database_operations") or ast.List([]))
            elif isinstance(each, ast.Call):
                yield each


def _is_operation(call: ast.Call) -> bool:
    func = call.func
    return isinstance(func, ast.Attribute) and _named(func.value) in ("op", "batch_op", "batch")


def _of_call(call: ast.Call) -> str:
    name = _named(call.func)
    if name in _HARMLESS or name.endswith("Extension"):
        return ""
    if name in _GONE:
        return f"{CANNOT}: {_GONE[name].format(*_words(call))}"
    if name in _CASES:
        return _CASES[name](call)
    return f"{UNKNOWN}: {name or 'something'}"


def _added_field(call: ast.Call) -> str:
    field = _keyword(call, "field") or (call.args[2] if len(call.args) > 2 else None)
    if not isinstance(field, ast.Call):
        return f"{UNKNOWN}: AddField"
    bears = _named(field.func) in ("ManyToManyField", "GeneratedField", "AutoField", "BigAutoField")
    if bears or _is_true(field, "null") or _keyword(field, "db_default") is not None:
        return ""
    return _filled(call)


def _added_column(call: ast.Call) -> str:
    columns = [each for each in call.args if isinstance(each, ast.Call)]
    required = [
        each
        for each in columns
        if _is_false(each, "nullable") and _keyword(each, "server_default") is None
    ]
    return _filled(call) if required else ""


def _filled(call: ast.Call) -> str:
    return f"{CANNOT}: it adds {'.'.join(_words(call))}, which old code leaves empty"


def _altered_column(call: ast.Call) -> str:
    words = ".".join(_words(call))
    if _keyword(call, "new_column_name") is not None:
        return f"{CANNOT}: it renames {words}"
    if _is_false(call, "nullable"):
        return f"{CANNOT}: it has {words} filled, which old code may leave empty"
    if _keyword(call, "type_") is not None:
        return f"{UNKNOWN}: it changes the type of {words}"
    return ""


def _altered_field(call: ast.Call) -> str:
    return f"{UNKNOWN}: it changes {'.'.join(_words(call))}"


def _constrained(call: ast.Call) -> str:
    return f"{UNKNOWN}: it adds a rule to {_words(call)[0]}, which old code may break"


_CASES: dict[str, Callable[[ast.Call], str]] = {
    "AddField": _added_field,
    "AlterField": _altered_field,
    "AddConstraint": _constrained,
    "AlterUniqueTogether": _constrained,
    "add_column": _added_column,
    "alter_column": _altered_column,
    "create_unique_constraint": _constrained,
    "create_check_constraint": _constrained,
    "create_foreign_key": _constrained,
}


def _words(call: ast.Call) -> list[str]:
    """Give the names that an operation is about, at least two: its table, its column."""
    given = [_keyword(call, name) for name in _NAMES] + list(call.args)
    found = [each.value for each in given if isinstance(each, ast.Constant)]
    texts = [each for each in found if isinstance(each, str)]
    for each in call.args:  # sa.Column("name", …)
        if isinstance(each, ast.Call) and each.args and isinstance(each.args[0], ast.Constant):
            texts.append(str(each.args[0].value))
    return [*texts[:2], *["…"] * (2 - len(texts))]


def _keyword(call: ast.Call, name: str) -> ast.expr | None:
    return next((each.value for each in call.keywords if each.arg == name), None)


def _is_true(call: ast.Call, name: str) -> bool:
    value = _keyword(call, name)
    return isinstance(value, ast.Constant) and value.value is True


def _is_false(call: ast.Call, name: str) -> bool:
    value = _keyword(call, name)
    return isinstance(value, ast.Constant) and value.value is False


def _named(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
