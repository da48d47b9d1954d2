"""docs/settings.md agrees with the types and with the comments in Pulumi.dev.yaml."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
import pytest

from infra.settings import reference
from infra.settings.types import Name, Positive

SOURCE = """\
config:
  # Address and port.
  # webstack:bind: 127.0.0.1
  # webstack:port: 8080

  # Debug pages,
  # on two lines. Default: false.
  webstack:debug: true
  webstack:services:
    shop:
      # Folder. And
      #   webstack:example: of another line
      source: here
"""


def test_the_page_is_current():
    page = reference.DOCUMENT.read_text()
    current = reference.rewritten(page, reference.SOURCE.read_text())
    assert page == current, "run `python -m infra.settings.reference`"


def test_a_comment_holds_for_all_keys_that_follow_it():
    assert reference.meanings(SOURCE, 2, "webstack:") == {
        "bind": "Address and port.",
        "port": "Address and port.",
        "debug": "Debug pages, on two lines. Default: false.",
        "services": "Debug pages, on two lines. Default: false.",
    }


def test_deeper_lines_are_no_part_of_a_comment():
    assert reference.meanings(SOURCE, 6) == {"source": "Folder. And"}


@pytest.mark.parametrize(
    ("type_", "words"),
    [
        (bool, "true or false"),
        (int | None, "a whole number"),
        (Literal["a", "b"], "`a` or `b`"),
        (Positive, "a whole number from 1"),
        (Annotated[float, msgspec.Meta(ge=0.1, le=2)], "a number from 0.1 to 2"),
        (Annotated[tuple[bool, ...], msgspec.Meta(min_length=1)],
         "a list; each entry true or false; at least 1"),
        (dict[str, int], "keys with values; each key a text, each value a whole number"),
        (Name, "a name of small letters, digits and dashes, a letter first, 31 at most"),
    ],
)  # fmt: skip
def test_a_type_is_told_in_words(type_: object, words: str):
    assert reference.in_words(type_) == words


def test_a_default_that_only_a_comment_can_say_stands_in_its_column():
    page = reference.rewritten("<!-- service -->\n<!-- /service -->", reference.SOURCE.read_text())
    [writable] = [row for row in page.splitlines() if row.startswith("| `writable`")]
    assert "| none but /tmp |" in writable
    assert "Default" not in page.replace("Default of grace", "")
