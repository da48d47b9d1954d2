"""A bundle is opened where its images are the very ones that it names."""

from __future__ import annotations

import os
import tarfile
from pathlib import Path

import msgspec
import pytest

from tests.webstack.cli.bundles.archives import DIGEST, NAME, entry, saved, tar
from tests.webstack.cli.bundles.test_manifest import MANIFEST
from webstack.cli.bundles.manifest import encoded
from webstack.cli.bundles.reading import opened
from webstack.cli.terminal.errors import OpsError

SAID = encoded(msgspec.structs.replace(MANIFEST, images={"web": NAME}, digests={NAME: DIGEST}))


def test_it_gives_its_manifest_and_its_images(tmp_path: Path):
    file = tmp_path / "shop.bundle"
    file.write_bytes(tar({"manifest.json": SAID, "images.tar": saved(), "project/x": b"x"}))
    with opened(file) as bundle:
        assert bundle.manifest.images == {"web": NAME}
        assert bundle.images.read() == saved()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is no bundle: empty file"),
        (b"text" * 1000, "is no bundle"),
        (tar({"images.tar": saved(), "manifest.json": SAID}), "does not begin with a manifest"),
        (tar({"manifest.json": b" " * (2 << 20)}), "does not begin with a manifest"),
        (tar({}, [entry("manifest.json", tarfile.SYMTYPE, "/etc/passwd")]), "is no bundle"),
        (tar({"manifest.json": SAID}), "it holds no images"),
        (tar({"manifest.json": SAID}, [entry("images.tar", tarfile.DIRTYPE)]), "holds no images"),
        (tar({"manifest.json": SAID, "images.tar": b"x" * 2000}), "its images cannot be read"),
        (
            tar({"manifest.json": SAID, "images.tar": saved(RepoTags=["other/web:1"])}),
            "its image other/web:1 is not the one that it names",
        ),
        (
            tar({"manifest.json": SAID, "images.tar": saved()}).replace(b"amd64", b"arm64"),
            f"its image {NAME} is not the one that it names",
        ),
        (tar({"manifest.json": SAID, "images.tar": saved()})[:4000], "its images cannot be read"),
    ],
)
def test_what_is_none_is_told_in_one_line(tmp_path: Path, content: bytes, words: str):
    file = tmp_path / "shop.bundle"
    file.write_bytes(content)
    with pytest.raises(OpsError) as error, opened(file):
        pass
    assert words in str(error.value)
    assert str(error.value).startswith(str(file))
    assert "\n" not in str(error.value)


def test_a_file_that_is_not_there_or_none_is_told(tmp_path: Path):
    with pytest.raises(OpsError, match=r"no\.bundle: No such file"), opened(tmp_path / "no.bundle"):
        pass
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OpsError, match="not a regular file"), opened(tmp_path / "pipe"):
        pass


def test_what_fails_while_it_is_open_is_told_as_it_is(tmp_path: Path):
    file = tmp_path / "shop.bundle"
    file.write_bytes(tar({"manifest.json": SAID, "images.tar": saved()}))
    with pytest.raises(OSError, match="disk"), opened(file):
        raise OSError("disk")
