"""Files that are copied stay where they are meant to be, whatever the archive says."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path
from typing import Any

import pytest

from webstack.cli.daemon import copying
from webstack.cli.terminal.errors import OpsError
from webstack.docker.errors import NotFoundError


class Daemon:
    """A container with one folder as an archive, which notes each file that is put into it."""

    def __init__(self, **files: bytes) -> None:
        self.packed = io.BytesIO()
        self.put: dict[str, tuple[int, bytes]] = {}
        with tarfile.open(fileobj=self.packed, mode="w") as archive:
            for name, body in files.items():
                entry = tarfile.TarInfo(f"data/{name}")
                entry.size = len(body)
                archive.addfile(entry, io.BytesIO(body))
            link = tarfile.TarInfo("data/link")
            link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
            archive.addfile(link)

    def get_archive(self, _container: str, path: str) -> tuple[list[bytes], None]:
        if path == "/none":
            raise NotFoundError("no such path")
        return [self.packed.getvalue()], None

    def inspect_container(self, _container: str) -> dict[str, Any]:
        return {"Config": {"User": "20100:41000"}}

    def put_archive(self, _container: str, _path: str, packed: Any) -> None:
        with tarfile.open(fileobj=packed) as archive:
            for entry in archive.getmembers():
                content = archive.extractfile(entry)
                self.put[entry.name] = (entry.uid, content.read() if content else b"")


def test_a_folder_comes_into_a_folder_without_links_and_without_ways_out(tmp_path: Path):
    daemon = Daemon(**{"a.txt": b"a", "b/c.txt": b"c", "../../evil": b"e"})
    copying.out_of(daemon, "shop-0", "/data", tmp_path)
    found = {str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*") if file.is_file()}
    assert found == {"data/a.txt", "data/b/c.txt"}


def test_a_file_goes_in_as_the_user_s_of_the_service(tmp_path: Path):
    (tmp_path / "a.txt").write_bytes(b"a")
    daemon = Daemon()
    copying.into(daemon, "shop-0", tmp_path / "a.txt", "/data")
    assert daemon.put == {"a.txt": (20100, b"a")}


def test_what_is_not_there_is_told(tmp_path: Path):
    with pytest.raises(OpsError, match="shop-0 has no /none"):
        copying.out_of(Daemon(), "shop-0", "/none", tmp_path)
    with pytest.raises(OpsError, match="no such file"):
        copying.into(Daemon(), "shop-0", tmp_path / "none", "/data")
