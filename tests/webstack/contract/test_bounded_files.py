"""Reading a file ends, whatever the file is."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from webstack.contract.bounded_files import UnreadableError, read_any, read_regular, read_stream


def test_a_file_up_to_its_limit_is_read(tmp_path: Path):
    file = tmp_path / "file"
    file.write_bytes(b"x" * 2048)
    assert len(read_regular(file, 2048)) == len(read_any(file, 2048)) == 2048
    assert read_stream(io.BytesIO(b""), 1) == b""
    with pytest.raises(UnreadableError, match="it has more than 1 KiB"):
        read_regular(file, 1024)


@pytest.mark.parametrize("limit", [1 << 20, 3 << 20])
def test_what_has_no_end_is_told_in_words_as_every_error_of_the_system(limit: int):
    with pytest.raises(OSError, match="it has more than") as caught:
        read_any(Path("/dev/zero"), limit)
    assert str(caught.value) == caught.value.strerror == f"it has more than {limit >> 20} MiB"


def test_a_pipe_without_a_writer_is_not_waited_for(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UnreadableError, match="not a regular file"):
        read_regular(tmp_path / "pipe", 10)
