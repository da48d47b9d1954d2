"""The text of a manifest is read in bounds, and refused in one line."""

from __future__ import annotations

import json
from typing import Any

import pytest

from webstack.cli.bundles.manifest import Manifest, decoded, encoded
from webstack.cli.terminal.errors import OpsError

DIGEST = f"sha256:{'a' * 64}"
MANIFEST = Manifest(
    project="shop",
    stack="staging",
    release=3,
    commit="0123456789abcdef",
    clean=True,
    debug=False,
    tool="0.3.0",
    machine="x86_64",
    python="3.11",
    images={"web": "shop/web:0123456789ab"},
    digests={"shop/web:0123456789ab": DIGEST},
)


def test_it_is_read_as_it_was_written():
    assert decoded(encoded(MANIFEST)) == MANIFEST
    assert MANIFEST.origin == "release 3 of staging, commit 0123456789ab"


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"format": 2}, "it is of format 2, and this reads format 1; use webstack 0.3.0"),
        ({"digests": {}}, "it names no digest of shop/web:0123456789ab"),
        ({"images": {"web": "../../etc:x"}}, "its manifest cannot be read"),
        ({"images": {"web": "-v:x"}}, "its manifest cannot be read"),
        ({"digests": {"shop/web:1": "sha256:short"}}, "its manifest cannot be read"),
        ({"project": "\x1b[2J"}, "its manifest cannot be read"),
        ({"stack": "s" * 201}, "its manifest cannot be read"),
    ],
)
def test_what_does_not_fit_is_told_in_one_line(changed: dict[str, Any], words: str):
    content = json.dumps({**json.loads(encoded(MANIFEST)), **changed}).encode()
    with pytest.raises(OpsError) as error:
        decoded(content)
    assert words in str(error.value)
    assert "\n" not in str(error.value)
    assert "\x1b" not in str(error.value)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b"[" * 100_000])
def test_what_is_none_is_told(content: bytes):
    with pytest.raises(OpsError, match="its manifest cannot be read"):
        decoded(content)
