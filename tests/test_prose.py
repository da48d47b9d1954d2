"""Docstrings begin with a verb: what a module or class does, what a function is told to do.

Private functions are held to it as well as public ones, private classes are not.

No list of English verbs stands here. A first word that ends like a verb in the third person passes
for modules and classes, and so does a plural. A function's may be any word but those with which
riddles began.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = (
    "webstack/engine", "webstack/docker", "webstack/contract", "webstack_service", "proxy",
    "infra/rollout", "infra/parts",
)  # fmt: skip
FOLDERS_OF_VALUES = (
    "infra/settings", "infra/daemon", "infra/images", "infra/model", "infra/runtime",
    "webstack/cli",
)  # fmt: skip
"""Their functions alone begin with a verb: a class is named as what it is, such as a volume."""
# What runs in containers: another word in them would make the containers roll.
IN_CONTAINERS = (
    "proxy/hold.py", "proxy/relay.py", "proxy/image/", "infra/settings/cron.py",
    "infra/model/scheduler.py",
)  # fmt: skip
NO_VERBS = {
    "A", "All", "Always", "An", "Another", "Any", "As", "At", "Because", "Both", "By", "Each",
    "Either", "Every", "Everything", "For", "From", "How", "If", "In", "It", "Its", "No",
    "Nobody", "None", "Nothing", "Of", "On", "One", "Only", "Other", "Others", "Same", "Some",
    "Something", "That", "The", "Their", "These", "They", "This", "Those", "To", "Two", "What",
    "When", "Where", "Whether", "Which", "Who", "Whose", "Why", "With",
}  # fmt: skip
THIRD_PERSON = re.compile(r"[A-Z][a-z]+[^s]s")


def held(node: ast.AST, name: str = "") -> Iterator[tuple[str, ast.AST]]:
    """Modules, public classes and all functions that stand in them, by dotted names."""
    yield name, node
    for child in ast.iter_child_nodes(node):
        inside = not isinstance(node, ast.FunctionDef)
        if inside and (
            is_function(child)
            or (isinstance(child, ast.ClassDef) and not child.name.startswith("_"))
        ):
            yield from held(child, f"{name}.{child.name}".strip("."))


def is_function(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)


def begins_well(node: ast.AST, docstring: str) -> bool:
    first = docstring.split(maxsplit=1)[0].strip(".,;:")
    if is_function(node):
        return first.isalpha() and first[0].isupper() and first not in NO_VERBS
    return THIRD_PERSON.fullmatch(first) is not None and first not in NO_VERBS


@pytest.mark.parametrize("folder", [*FOLDERS, *FOLDERS_OF_VALUES])
def test_docstrings_begin_with_a_verb(folder: str):
    wrong = [
        f"{path}: {name or 'module'}: {docstring.splitlines()[0]}"
        for file in sorted((ROOT / folder).rglob("*.py"))
        if not (path := file.relative_to(ROOT).as_posix()).startswith(IN_CONTAINERS)
        for name, node in held(ast.parse(file.read_text()))
        if folder in FOLDERS or is_function(node)
        if (docstring := ast.get_docstring(node)) and not begins_well(node, docstring)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("source", "well"),
    [
        ('"""What goes wrong."""', False),
        ('"""Runs a program."""', True),
        ('def f():\n    """Those of the engine."""', False),
        ('def f():\n    """Return the sum."""', True),
        ('class A:\n    """One of two."""', False),
        ('class A:\n    """Holds both."""', True),
    ],
)
def test_what_begins_with_a_verb(source: str, well: bool):
    *_, (_, node) = held(ast.parse(source))
    assert begins_well(node, ast.get_docstring(node)) is well
