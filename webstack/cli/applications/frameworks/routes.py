"""Which addresses the decorators of modules serve: Flask's blueprints, the routers of others."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence

from webstack.cli.applications.python_code import assigned, called, literal, module_name, parsed
from webstack.cli.applications.tree import SourceTree

_MAKERS = ("Blueprint", "APIRouter", "Router")
_REGISTERED = ("register_blueprint", "include_router")
_PREFIXES = ("url_prefix", "prefix")


def routes(tree: SourceTree, modules: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Give each address that is served to GET as it is written, and the module that says so."""
    codes = {path: code for path in modules if (code := parsed(tree, path))}
    registered = dict(_registered(codes))
    for path, code in codes.items():
        before = next((registered[each] for each in _names(path) if each in registered), "")
        own = {name: _prefix(value) for name, value, _, _ in assigned(code)}
        for name, address in _decorated(code):
            prefix = before or own.get(name, "") if name in own else ""
            yield f"{prefix.rstrip('/')}{address}" or "/", path


def _registered(codes: Mapping[str, ast.Module]) -> Iterator[tuple[str, str]]:
    """Give the modules whose blueprint is registered below a prefix, and that."""
    for code in codes.values():
        imported = {
            name.asname or name.name: node.module or ""
            for node in ast.walk(code)
            if isinstance(node, ast.ImportFrom)
            for name in node.names
        }
        for node in ast.walk(code):
            if called(node) in _REGISTERED and isinstance(node, ast.Call) and node.args:
                given, prefix = node.args[0], _prefix(node)
                if prefix and isinstance(given, ast.Name) and given.id in imported:
                    yield imported[given.id], prefix


def _names(path: str) -> list[str]:
    """Name a module and the packages that it is in, the inner ones first."""
    parts = module_name(path).split(".")
    return [".".join(parts[:count]) for count in range(len(parts), 0, -1)]


def _prefix(value: ast.expr) -> str:
    """Give the prefix that a blueprint is made or registered with; nothing for anything else."""
    if called(value) not in (*_MAKERS, *_REGISTERED) or not isinstance(value, ast.Call):
        return ""
    said = [literal(word.value) for word in value.keywords if word.arg in _PREFIXES]
    return next((each for each in said if isinstance(each, str)), "")


def _decorated(code: ast.Module) -> Iterator[tuple[str, str]]:
    """Give what each decorator is of, such as ``app`` or ``page``, and its address."""
    functions = (
        node for node in ast.walk(code) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    for call in (each for function in functions for each in function.decorator_list):
        if called(call) in ("route", "get") and isinstance(call, ast.Call) and call.args:
            address = literal(call.args[0])
            of = call.func.value if isinstance(call.func, ast.Attribute) else None
            if isinstance(address, str) and (not address or address.startswith("/")):
                yield of.id if isinstance(of, ast.Name) else "", address
