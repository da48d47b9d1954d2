"""Text from outside is shown escaped and bounded."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webstack.contract import plain_text

EVERYTHING = st.text(st.characters())
"""All characters, with surrogates, which stand for bytes that were not UTF-8."""
BIDIRECTIONAL = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def shows(text: str) -> bool:
    return not any(
        unicodedata.category(each) in ("Cc", "Zl", "Zp", "Cs") or each in BIDIRECTIONAL
        for each in text
    )


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2J", r"\u001b[2J"),
        ("\x9b2J", r"\u009b2J"),
        ("a\nb\rc\td", r"a\nb\rc\td"),
        ("\x00\x07\x08\x7f", r"\u0000\u0007\u0008\u007f"),
        ("user\u202etxt.exe", r"user\u202etxt.exe"),
        ("one\u2028two\u2029three\x85four", r"one\u2028two\u2029three\u0085four"),
        ("not UTF-8: \udcff", r"not UTF-8: \udcff"),
    ],
)
def test_what_would_not_stay_on_its_line_is_escaped(text: str, shown: str):
    assert plain_text.line(text) == shown


@pytest.mark.parametrize(
    "text", ["Grüße, Ñandú", "東京の天気", "سلام", "👩‍👩‍👧 🏴󠁧󠁢󠁥󠁮󠁧󠁿", r"C:\new\table", "«a» ½ €", ""]
)
def test_text_of_any_language_stays_as_it_is(text: str):
    assert plain_text.line(text) == text


@given(EVERYTHING)
def test_nothing_else_gets_through_and_escaping_twice_changes_nothing(text: str):
    shown = plain_text.line(text)
    assert shows(shown)
    assert plain_text.line(shown) == shown
    shown.encode()


@given(st.recursive(st.text(), lambda each: st.lists(each) | st.dictionaries(st.text(), each)))
def test_json_says_the_same_afterwards(value: object):
    for indent in (None, 2):
        document = plain_text.block(json.dumps(value, indent=indent, ensure_ascii=False))
        assert json.loads(document) == value
        assert shows(document.replace("\n", ""))


def test_lines_of_a_text_of_ours_stay_apart():
    assert plain_text.block("one\n  two\x1b\n") == "one\n  two\\u001b\n"


def test_a_program_s_output_has_the_lines_that_it_printed_and_no_colours():
    output = "\x1b[1;31mred\x1b[0m\r\n\n  50%\r100%\n\x1b[2Jgone\x0bfake\u2028fake\n"
    assert plain_text.lines(output) == [
        "red",
        "",
        r"  50%\r100%",
        r"\u001b[2Jgone\u000bfake\u2028fake",
    ]
    assert plain_text.lines("") == []
    assert plain_text.lines("no end") == ["no end"]
