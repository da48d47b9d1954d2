"""Reads what the installed pulumi-docker package declares, without importing it."""

from __future__ import annotations

import ast
import importlib.util
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TypeGuard

import msgspec

from webstack.engine.providers.docker.registry.credentials import camel


class DeclaredInput(msgspec.Struct, frozen=True):
    """Names one property as declared: dotted, with ``[]`` for the elements of a list."""

    path: str
    required: bool


def resource_types() -> list[str]:
    """Return the names of all resource types."""
    return sorted(
        node.name
        for tree in _modules().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        and any("CustomResource" in ast.unparse(base) for base in node.bases)
    )


def functions() -> list[str]:
    """Return the names of all functions, as in their tokens."""
    return sorted(
        camel(node.name)
        for tree in _modules().values()
        for node in tree.body
        if _is_function(node)
        and node.name.startswith("get_")
        and f"{node.name}_output" in {other.name for other in tree.body if _is_function(other)}
    )


def _is_function(node: ast.AST) -> TypeGuard[ast.FunctionDef]:
    return isinstance(node, ast.FunctionDef)


def inputs(class_name: str) -> list[DeclaredInput]:
    """Return the properties of a class of arguments, with those of nested classes."""
    return list(_inputs(f"{class_name}Args", ""))


def function_arguments(name: str) -> list[str]:
    """Return the names of a function's arguments."""
    wanted = re.sub(r"([A-Z])", lambda found: f"_{found[1].lower()}", name)
    (function,) = (
        node
        for tree in _modules().values()
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and node.name == wanted
    )
    return sorted(camel(argument.arg) for argument in function.args.args if argument.arg != "opts")


def _inputs(class_name: str, prefix: str) -> Iterator[DeclaredInput]:
    arguments = _constructor(class_name).args
    declared = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    for argument, default in sorted(declared, key=lambda pair: pair[0].arg):
        annotation = ast.unparse(argument.annotation) if argument.annotation else ""
        nested = re.search(r"'(\w+Args)'", annotation)
        several = "[]" if nested and "Sequence" in annotation else ""
        path = f"{prefix}{camel(argument.arg.rstrip('_'))}{several}"
        yield DeclaredInput(path, required=default is None)
        if nested:
            yield from _inputs(nested[1], f"{path}.")


def _constructor(class_name: str) -> ast.FunctionDef:
    body = _classes()[class_name].body
    found = [node for node in body if isinstance(node, ast.FunctionDef) and node.name == "__init__"]
    return found[0]


@cache
def _classes() -> Mapping[str, ast.ClassDef]:
    return {
        node.name: node
        for tree in _modules().values()
        for node in tree.body
        if isinstance(node, ast.ClassDef)
    }


@cache
def _modules() -> Mapping[str, ast.Module]:
    spec = importlib.util.find_spec("pulumi_docker")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("pulumi_docker is not installed")
    return {
        path.stem: ast.parse(path.read_text(encoding="utf-8"))
        for path in sorted(Path(spec.origin).parent.glob("*.py"))
    }
