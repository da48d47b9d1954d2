"""Docstrings begin with a verb, which tells what a module or class does or a function has to do.

Private functions are held to this rule as well as public ones, private classes are not. In tests
and benchmarks, fixtures and helpers begin with a verb, too. A test, a module or a class there says
in a whole sentence what holds, so the docstring may not begin with a word that needs another
sentence before it, and not with a question word.

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
"""Folders where only functions begin with a verb: a class is named as a thing, such as a volume."""
FOLDERS_OF_TESTS = ("benchmarks", "services", "tests")
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
FRAGMENTS = {
    "Also", "And", "As", "Because", "But", "Else", "Her", "His", "How", "It", "Its", "Nor", "Or",
    "So", "That", "Their", "Theirs", "Them", "These", "They", "This", "Those", "What", "When",
    "Where", "Whether", "Which", "Who", "Whom", "Whose", "Why",
}  # fmt: skip
THIRD_PERSON = re.compile(r"[A-Z][a-z]+[^s]s")


def held(node: ast.AST, name: str = "") -> Iterator[tuple[str, ast.AST]]:
    """Give modules, public classes and all functions in them, by dotted names."""
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


def says_what_holds(node: ast.AST, name: str, docstring: str) -> bool:
    """Tell whether a docstring of a test, of its module or of a helper is a whole sentence."""
    summary = docstring.partition("\n\n")[0]
    if is_function(node) and not name.rpartition(".")[2].startswith("test_"):
        return begins_well(node, docstring) and summary.endswith(".")
    return summary.split(maxsplit=1)[0].strip(".,;:") not in FRAGMENTS and summary.endswith(".")


def files_of_tests() -> Iterator[Path]:
    """Give the root conftest.py, all benchmarks, and all tests."""
    yield ROOT / "conftest.py"
    for folder in FOLDERS_OF_TESTS:
        for file in sorted((ROOT / folder).rglob("*.py")):
            if folder != "services" or "tests" in file.relative_to(ROOT).parts:
                yield file


def test_tests_say_what_holds_in_whole_sentences():
    files = [file for file in files_of_tests() if ".venv" not in file.parts]
    assert len(files) > 300
    wrong = [
        f"{file.relative_to(ROOT)}: {name or 'module'}: {docstring.splitlines()[0]}"
        for file in files
        for name, node in held(ast.parse(file.read_text()))
        if (docstring := ast.get_docstring(node)) and not says_what_holds(node, name, docstring)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("source", "well"),
    [
        ('"""Those of the engine."""', False),
        ('"""Each page is loaded once."""', True),
        ('def test_a():\n    """Also where it is away."""', False),
        ('def test_a():\n    """The answer comes late"""', False),
        ('def test_a():\n    """A late answer is no error."""', True),
        ('def client():\n    """A client of the daemon."""', False),
        ('def client():\n    """Give a client of the daemon."""', True),
        ('class Engine:\n    """What it knows."""', False),
        ('class Engine:\n    """One container."""', True),
    ],
)
def test_what_is_a_whole_sentence(source: str, well: bool):
    *_, (name, node) = held(ast.parse(source))
    assert says_what_holds(node, name, ast.get_docstring(node)) is well


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
