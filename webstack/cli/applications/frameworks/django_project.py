"""Reads what the settings of a Django project assign, without running them."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from webstack.cli.applications.python_code import assigned, called, literal, parsed
from webstack.cli.applications.tree import SourceTree

_SETTINGS = re.compile(r"DJANGO_SETTINGS_MODULE['\"]\s*,\s*['\"]([\w.]+)['\"]")
_PREFERRED = ("production", "prod", "deploy", "live")
POSTGRES_ENGINES = ("postgresql", "postgresql_psycopg2", "postgis")
_DEEPEST = 6


@dataclass(frozen=True)
class DjangoProject:
    """One project: its root folder, its settings module, and what that assigns, by name.

    A value is its expression and where it stands.
    """

    tree: SourceTree
    root: str
    module: str
    values: dict[str, tuple[ast.expr, str]]
    read: tuple[str, ...]

    def value(self, name: str) -> Any:
        """Give a setting that is written out; None for others."""
        return literal(self.values[name][0]) if name in self.values else None

    def where(self, name: str) -> str:
        """Say where a setting stands; the module where it does not."""
        return self.values[name][1] if name in self.values else self.module

    def folder(self, name: str) -> str | None:
        """Give a setting that is a path in the project's folder, relative to it."""
        return _path(self.values[name][0]) if name in self.values else None


def project_of(tree: SourceTree) -> DjangoProject | None:
    """Read the project of a tree; None where there is none."""
    root = root_of(tree)
    if root is None:
        return None
    said = _SETTINGS.search(tree.text(f"{root}manage.py"))
    module = _of_production(tree, root, said[1] if said else "")
    values: dict[str, tuple[ast.expr, str]] = {}
    read: list[str] = []
    _collect(tree, root, module, values, read)
    return DjangoProject(tree, root, module, values, tuple(read)) if read else None


def root_of(tree: SourceTree) -> str | None:
    """Give the folder of the project, such as ``backend/``; None where there is none."""
    for path in tree.named("manage.py"):
        if _SETTINGS.search(tree.text(path)):
            return path.removesuffix("manage.py")
    return None


def _of_production(tree: SourceTree, root: str, module: str) -> str:
    """Give the settings module that is meant for production where there is one beside."""
    for place in (*tree.named("wsgi.py"), *tree.named("asgi.py")):
        if place.startswith(root) and (said := _SETTINGS.search(tree.text(place))):
            module = module if said[1] == module else said[1]
            break
    beside = (
        f"{place}.{name}" for place in (module, module.rpartition(".")[0]) for name in _PREFERRED
    )
    return next((each for each in beside if file_of(tree, root, each)), module)


def file_of(tree: SourceTree, root: str, module: str) -> str | None:
    """Give the path of a module; None where the project has no file of it."""
    path = f"{root}{module.replace('.', '/')}"
    return next((p for p in (f"{path}.py", f"{path}/__init__.py") if p in tree.texts), None)


def _collect(
    tree: SourceTree,
    root: str,
    module: str,
    values: dict[str, tuple[ast.expr, str]],
    read: list[str],
) -> None:
    """Note what a settings module assigns, after those that it takes all from."""
    path = file_of(tree, root, module)
    code = parsed(tree, path) if path else None
    if code is None or path is None or path in read or len(read) >= _DEEPEST:
        return
    read.append(path)
    package = module if path.endswith("__init__.py") else module.rpartition(".")[0]
    for node in ast.walk(code):
        if isinstance(node, ast.ImportFrom) and any(name.name == "*" for name in node.names):
            above = package.split(".")[: len(package.split(".")) - node.level + 1]
            base = ".".join([*above, node.module or ""]) if node.level else node.module or ""
            _collect(tree, root, base.strip("."), values, read)
    for name, value, line, always in assigned(code):
        if name.isupper() and (always or name not in values):
            values[name] = (value, f"{path}:{line}")


def database(project: DjangoProject) -> ast.AST | None:
    """Give what the default database is set to."""
    said = project.values.get("DATABASES", (None, ""))[0]
    if isinstance(said, ast.Dict):
        for key, value in zip(said.keys, said.values, strict=True):
            if literal(key) == "default":
                return value
    return said


def engine(project: DjangoProject) -> str:
    """Name the kind of database that is written out: sqlite3, postgresql, mysql, or nothing."""
    said = database(project)
    if isinstance(said, ast.Dict):
        for key, value in zip(said.keys, said.values, strict=True):
            if literal(key) == "ENGINE" and isinstance(kind := literal(value), str):
                return kind.rpartition(".")[2]
    return ""


def _path(node: ast.AST) -> str | None:
    """Give the path that ``BASE_DIR / "media"`` or ``os.path.join(BASE_DIR, "media")`` names."""
    parts = _parts(node)
    if parts is None or not parts or parts[0] != "":
        return None
    path = PurePosixPath(*[part for part in parts[1:] if part])
    return None if path.is_absolute() or ".." in path.parts else path.as_posix()


def _parts(node: ast.AST) -> list[str] | None:
    """Give the parts of a path, an empty one for the project's own folder."""
    if isinstance(node, ast.Name):
        return [""] if re.search(r"(BASE|ROOT|PROJECT).*(DIR|PATH|ROOT)?$", node.id, re.I) else None
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) else None
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div | ast.Add):
        return _joined([node.left, node.right])
    if isinstance(node, ast.Call) and called(node) in ("join", "str", "root", "joinpath", "path"):
        inner = [*node.args]
        if called(node) in ("root", "joinpath") and isinstance(node.func, ast.Attribute):
            inner = [node.func.value, *inner]
        return _joined(inner)
    return None


def _joined(nodes: list[ast.expr]) -> list[str] | None:
    parts: list[str] = []
    for node in nodes:
        found = _parts(node)
        if found is None:
            return None
        parts += found
    return parts
