"""Images as `docker save` writes them are known by their content, whatever they say."""

from __future__ import annotations

import io
import json
import tarfile

import pytest

from tests.webstack.cli.bundles.archives import (
    CONFIGURATION,
    DIGEST,
    NAME,
    entry,
    saved,
    tar,
)
from webstack.cli.bundles.saved_images import digests
from webstack.cli.terminal.errors import OpsError

BLOB = f"blobs/sha256/{'0' * 64}"


def test_each_image_has_the_digest_of_its_configuration():
    assert digests(io.BytesIO(saved())) == {NAME: DIGEST}


def test_newer_daemons_keep_configurations_as_blobs():
    said = json.dumps([{"Config": BLOB, "RepoTags": [NAME]}]).encode()
    packed = tar({BLOB: CONFIGURATION, "manifest.json": said})
    assert digests(io.BytesIO(packed)) == {NAME: DIGEST}


def test_a_layer_may_be_a_link_to_another():
    link = entry("m/layer.tar", tarfile.SYMTYPE, "../l/layer.tar")
    assert digests(io.BytesIO(saved(link))) == {NAME: DIGEST}


@pytest.mark.parametrize(
    ("packed", "words"),
    [
        (saved(entry("../../etc/passwd")), "leads out of them: ../../etc/passwd"),
        (saved(entry("/etc/passwd")), "leads out of them: /etc/passwd"),
        (saved(entry("l/../../x")), "leads out of them: ../x"),
        (saved(entry("x", tarfile.SYMTYPE, "../../etc")), "leads out of them: x"),
        (saved(entry("x", tarfile.SYMTYPE, "/etc")), "leads out of them: x"),
        (saved(entry("x", tarfile.CHRTYPE)), "is no file: x"),
        (saved(entry("x", tarfile.FIFOTYPE)), "is no file: x"),
        (saved(entry("x", tarfile.LNKTYPE, "c.json")), "is no file: x"),
        (saved(Config="elsewhere.json"), "do not say what they are"),
        (saved(RepoTags=None), "do not say what they are"),
        (tar({"manifest.json": b"[[]]"}), "do not say what they are"),
        (b"no archive at all" * 100, "cannot be read"),
    ],
)
def test_what_is_none_or_leads_out_is_refused(packed: bytes, words: str):
    with pytest.raises(OpsError) as error:
        digests(io.BytesIO(packed))
    assert words in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("said", [b"[]", b"{", b"null", b'{"a": 1}'])
def test_an_archive_that_names_no_image_has_none(said: bytes):
    assert digests(io.BytesIO(tar({"manifest.json": said}))) == {}


@pytest.mark.parametrize("kind", [tarfile.XHDTYPE, tarfile.GNUTYPE_LONGNAME])
def test_a_header_that_claims_to_be_endless_is_not_read(kind: bytes):
    claims = entry("x", kind)
    claims.size = 1 << 40

    class Endless(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            assert size is not None
            assert size <= 8 << 20
            return super().read(size)

    with pytest.raises(OpsError, match="larger than it may be"):
        digests(Endless(claims.tobuf(tarfile.GNU_FORMAT) + b"\0" * 4096))
