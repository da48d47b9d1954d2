"""Reads Python without running it: what a module assigns, calls, and wants from its environment."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from webstack.cli.applications.tree import SourceTree

_READERS = {"getenv", "get", "str", "bool", "int", "list", "url", "db", "db_url", "config", "env"}
_OPTIONAL = (ast.If, ast.Try, ast.IfExp, ast.BoolOp, ast.Lambda, ast.FunctionDef, ast.With)
_DEEPEST = 200
_FACTORIES = ("create_app", "make_app", "app_factory", "create_application", "get_app")


@dataclass(frozen=True)
class Variable:
    """An environment variable that code reads, where, and whether it does without."""

    name: str
    required: bool
    where: str


def parsed(tree: SourceTree, path: str) -> ast.Module | None:
    """Give a module's syntax tree; None where it cannot be read, or is deeper than code is."""
    try:
        module = ast.parse(tree.text(path))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    level: list[ast.AST] = [module]
    for _ in range(_DEEPEST):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        if not level:
            return module
    return None


def module_name(path: str) -> str:
    """Give the name by which a file is imported from the root: ``shop/__init__.py`` is shop."""
    parts = PurePosixPath(path).with_suffix("").parts
    inside = parts[1:] if parts[0] == "src" and len(parts) > 1 else parts
    return ".".join(inside[:-1] if inside[-1] == "__init__" else inside)


def literal(node: ast.AST | None) -> Any:
    """Give the plain value of an expression; None where it has none."""
    try:
        return ast.literal_eval(node) if node is not None else None
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return None


def called(node: ast.AST | None) -> str:
    """Give the last word of what a call calls: ``Flask`` for ``flask.Flask(__name__)``."""
    if not isinstance(node, ast.Call):
        return ""
    function = node.func
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def assigned(module: ast.Module) -> Iterator[tuple[str, ast.expr, int, bool]]:
    """Give each name that a module assigns at its top: its value, its line, and whether always."""
    for node, always in _statements(module.body, always=True):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    yield target.id, node.value, node.lineno, always
        elif isinstance(node, ast.AnnAssign) and node.value and isinstance(node.target, ast.Name):
            yield node.target.id, node.value, node.lineno, always


def _statements(body: list[ast.stmt], *, always: bool) -> Iterator[tuple[ast.stmt, bool]]:
    for node in body:
        yield node, always
        if isinstance(node, ast.If | ast.Try | ast.With):
            yield from _statements(node.body, always=False)
            yield from _statements(getattr(node, "orelse", []), always=False)


def variables(tree: SourceTree, path: str) -> Iterator[Variable]:
    """Give the environment variables that a module reads."""
    module = parsed(tree, path)
    if module is None:
        return
    for node, optional in _walked(module, optional=False):
        name, required = _read_by(node)
        if name:
            yield Variable(name, required and not optional, f"{path}:{node.lineno}")  # type: ignore[attr-defined]


def _walked(node: ast.AST, *, optional: bool) -> Iterator[tuple[ast.AST, bool]]:
    """Give all nodes, and whether a run may pass them by."""
    for child in ast.iter_child_nodes(node):
        passed = isinstance(child, _OPTIONAL) and getattr(child, "name", "") not in _FACTORIES
        yield child, optional
        yield from _walked(child, optional=optional or passed)


def _read_by(node: ast.AST) -> tuple[str, bool]:
    """Give the name of the variable that an expression reads, and whether it has to be there."""
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
        name = literal(node.slice)
        return (name, True) if _is_environ(node.value) and isinstance(name, str) else ("", False)
    if _reads_database_url(node):
        return "DATABASE_URL", False
    if not isinstance(node, ast.Call) or not node.args or called(node) not in _READERS:
        return "", False
    name = literal(node.args[0])
    if not isinstance(name, str) or not _reads_environment(node):
        return "", False
    given = len(node.args) > 1 or any(word.arg == "default" for word in node.keywords)
    return name, not given and called(node) not in ("getenv", "get")


def _reads_database_url(node: ast.AST) -> bool:
    """Tell the calls of the usual packages that name no variable, and mean this one."""
    if not isinstance(node, ast.Call) or node.args or not isinstance(node.func, ast.Attribute):
        return False
    of = node.func.value
    named = of.id if isinstance(of, ast.Name) else ""
    return (named, node.func.attr) in (("dj_database_url", "config"), ("env", "db"))


def _is_environ(node: ast.AST) -> bool:
    return (isinstance(node, ast.Attribute) and node.attr == "environ") or (
        isinstance(node, ast.Name) and node.id in ("environ", "env")
    )


def _reads_environment(node: ast.Call) -> bool:
    """Tell ``os.getenv``, ``environ.get``, and ``env`` or ``config`` of the usual packages."""
    function, name = node.func, literal(node.args[0])
    if not isinstance(name, str) or not name.isupper():
        return False
    if isinstance(function, ast.Name):
        return function.id in ("getenv", "env", "config")
    if not isinstance(function, ast.Attribute):
        return False
    if function.attr == "getenv":
        return True
    return _is_environ(function.value)
