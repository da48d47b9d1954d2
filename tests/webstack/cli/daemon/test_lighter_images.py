"""Layers that another daemon has already do not go there again."""

from __future__ import annotations

import io
import json
import tarfile

import pytest

from webstack.cli.daemon.lighter_images import lighter, stacked

BASE, CODE, OTHER = (f"sha256:{letter * 64}" for letter in "abc")


def saved() -> io.BytesIO:
    """Make two images on one base as `docker save` writes them: the second one's is a link."""
    packed = io.BytesIO()
    files = {
        "1.json": json.dumps({"rootfs": {"diff_ids": [BASE, CODE]}}).encode(),
        "2.json": json.dumps({"rootfs": {"diff_ids": [BASE, OTHER]}}).encode(),
        "x/layer.tar": b"base",
        "y/layer.tar": b"code",
        "z/layer.tar": b"other",
    }
    said = [
        {"Config": "1.json", "RepoTags": ["shop/web:1"], "Layers": ["x/layer.tar", "y/layer.tar"]},
        {"Config": "2.json", "RepoTags": ["shop/api:1"], "Layers": ["w/layer.tar", "z/layer.tar"]},
    ]
    files["manifest.json"] = json.dumps(said).encode()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
        link = tarfile.TarInfo("w/layer.tar")
        link.type, link.linkname = tarfile.SYMTYPE, "../x/layer.tar"
        archive.addfile(link)
    return packed


@pytest.mark.parametrize(
    ("there", "left_out"),
    [
        ([], set()),
        ([[BASE]], {"x/layer.tar"}),
        ([[BASE, CODE]], {"x/layer.tar", "y/layer.tar"}),
        ([[OTHER, CODE]], set()),
        ([[CODE]], set()),
        ([[BASE, OTHER, CODE], [BASE, CODE]], {"x/layer.tar", "y/layer.tar", "z/layer.tar"}),
    ],
)
def test_a_layer_is_left_out_where_it_lies_on_the_same_ones(
    there: list[list[str]], left_out: set[str]
):
    known = {chain for layers in there for chain in stacked(layers)}
    target = io.BytesIO()
    lighter(saved(), known, target)
    with tarfile.open(fileobj=target) as archive:
        names = set(archive.getnames())
        kept = archive.extractfile("manifest.json")
        assert kept is not None
        assert len(json.loads(kept.read())) == 2
    with tarfile.open(fileobj=io.BytesIO(saved().getvalue())) as archive:
        assert set(archive.getnames()) - names == left_out


def test_what_is_no_such_archive_is_told_by_its_kind():
    with pytest.raises(tarfile.TarError):
        lighter(io.BytesIO(b"text" * 500), set(), io.BytesIO())
    empty = io.BytesIO()
    with tarfile.open(fileobj=empty, mode="w"):
        pass
    with pytest.raises(KeyError):
        lighter(empty, set(), io.BytesIO())
