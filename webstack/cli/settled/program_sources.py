"""Finds in a program's sources what is another at each run: the clock, chance, other packages."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

_MOMENT: Final = re.compile(
    r"\b(?:datetime|date|pendulum|arrow)\s*\.\s*(?:now|utcnow|today)\b"
    r"|\btime\s*\.\s*(?:time|time_ns|localtime|gmtime|strftime|ctime|monotonic_ns)\b"
    r"|\bfrom\s+(?:time|random|secrets|uuid)\s+import\b"
    r"|\b(?:random|uuid)\s*\.\s*\w+\("
    r"|\bsecrets\s*\.\s*(?:token|rand|choice|SystemRandom)"
    r"|\burandom\b|\bgetpid\b"
)
_SAID: Final = "# no input:"
"""Written with its reason behind a line that decides nothing of what is declared."""
_IMPORTS: Final = re.compile(r"^[ \t]*(?:from[ \t]+(\w+)|import[ \t]+([\w., \t]+))", re.M)
_KNOWN: Final = frozenset(
    {
        *("infra", "proxy", "webstack", "webstack_service", "pulumi", "pulumi_docker"),
        *("cryptography", "docker", "google", "msgspec", "nginx", "re2", "requests", "yaml"),
    }
)
_CHANCE: Final = ("random", "uuid")


def reasons(files: Iterable[Path], program: Path) -> Iterator[str]:
    """Say why a program may declare something else next time, though no file has changed.

    ``program`` is its folder, whose modules may import each other by their names.
    """
    own = {path.stem for path in program.glob("*.py")} | {
        path.name for path in program.iterdir() if path.is_dir()
    }
    known = (_KNOWN | own | sys.stdlib_module_names) - {*_CHANCE}
    for file in files:
        text = file.read_text(errors="replace")
        for found in _MOMENT.finditer(text):
            line = text[found.start() :].partition("\n")[0]
            if _SAID not in line:
                number = text.count("\n", 0, found.start()) + 1
                yield f"{file}:{number} may be another at each run"
        yield from (f"{file} imports {name}" for name in _imported(text) if name not in known)


def _imported(text: str) -> Iterator[str]:
    for found in _IMPORTS.finditer(text):
        for name in (found[1] or found[2]).split(","):
            yield name.strip().partition(" ")[0].partition(".")[0]
