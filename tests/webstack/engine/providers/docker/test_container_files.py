"""Files go into a container, and files that it writes are read."""

from __future__ import annotations

import io
import tarfile

import pytest

from webstack.engine.model.provider import ProviderError
from webstack.engine.providers.docker.container.logs import frames, last_lines, read_logs
from webstack.engine.providers.docker.container.uploads import archive


def only_entry(upload):
    with tarfile.open(fileobj=io.BytesIO(archive(upload))) as tar:
        (entry,) = tar.getmembers()
        return entry, tar.extractfile(entry).read()


@pytest.mark.parametrize(
    ("upload", "mode", "content"),
    [
        ({"content": "grüße"}, 0o644, "grüße".encode()),
        ({"contentBase64": "AP8="}, 0o644, b"\x00\xff"),
        ({"content": "x", "executable": True}, 0o744, b"x"),
        ({"content": "x", "executable": True, "permissions": "0600"}, 0o600, b"x"),
    ],
)
def test_a_file_is_sent_with_content_and_mode(upload, mode, content):
    entry, sent = only_entry({"file": "/etc/app/a.conf", **upload})

    assert entry.name == "etc/app/a.conf"
    assert (entry.mode, entry.uid, sent) == (mode, 0, content)


def test_a_file_may_come_from_this_machine(tmp_path):
    (tmp_path / "a").write_bytes(b"here")

    assert only_entry({"file": "/a", "source": str(tmp_path / "a")})[1] == b"here"


def test_a_missing_source_is_named():
    with pytest.raises(ProviderError, match="upload /a: /nope: No such file"):
        archive({"file": "/a", "source": "/nope"})


MIXED = b"\x01\x00\x00\x00\x00\x00\x00\x04one\n\x02\x00\x00\x00\x00\x00\x00\x04two\n"


def test_both_streams_come_in_order():
    assert b"".join(frames(MIXED)) == b"one\ntwo\n"


def test_a_frame_that_is_cut_off_gives_what_there_is():
    assert b"".join(frames(MIXED[:-2])) == b"one\ntw"


def test_a_terminals_output_has_no_frames(daemon, site):
    daemon.answers = {"GET /containers/abc/logs": b"plain \xff\n"}

    assert read_logs(site, "abc", True) == "plain \ufffd\n"


def test_last_lines_of_a_container_that_is_gone_are_none(site):
    assert last_lines(site, "abc", False) == []


def test_a_file_may_belong_to_somebody():
    """The owner is a number, or a name that this machine knows."""
    entry, _ = only_entry({"file": "/a", "content": "x", "owner": "10100", "group": "root"})

    assert (entry.uid, entry.gid) == (10100, 0)
    with pytest.raises(ProviderError, match="no user or group nobody-here"):
        archive({"file": "/a", "content": "x", "owner": "nobody-here"})
