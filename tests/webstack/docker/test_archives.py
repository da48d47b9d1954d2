"""Archives of a few files are made in memory."""

from __future__ import annotations

import io
import tarfile

from webstack.docker import archives


def test_files_are_root_s_and_all_may_read_them():
    with tarfile.open(fileobj=io.BytesIO(archives.of_bytes({"a/b": b"one", "c": b""}))) as found:
        one, two = found.getmembers()
        content = found.extractfile(one)
        assert content is not None
        assert content.read() == b"one"
    assert [(each.name, each.mode, each.uid, each.gid) for each in (one, two)] == [
        ("a/b", 0o644, 0, 0),
        ("c", 0o644, 0, 0),
    ]


def test_an_archive_is_read_from_its_beginning():
    with archives.spooled() as target:
        archives.write(target, [(archives.header("a", 1, mode=0o600, time=7), io.BytesIO(b"x"))])
        with tarfile.open(fileobj=target) as found:
            [entry] = found.getmembers()
    assert (entry.name, entry.size, entry.mode, entry.mtime) == ("a", 1, 0o600, 7)
