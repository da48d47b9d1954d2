"""A folder of a container is read from the beginning of its archive."""

from __future__ import annotations

import io
import tarfile

from webstack.docker.container_folder import ContainerFolder, read_folder


class Daemon:
    """One container, and the archive that it gives for any folder."""

    def __init__(self, *members: tarfile.TarInfo) -> None:
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as archive:
            for member in members:
                archive.addfile(member, io.BytesIO(bytes(member.size)))
        self.archive = packed.getvalue()
        self.sent = 0

    def get_archive(self, _container, _path, chunk_size):
        def chunks():
            for start in range(0, len(self.archive), chunk_size):
                self.sent += chunk_size
                yield self.archive[start : start + chunk_size]

        return chunks(), {}


def member(name, kind=tarfile.REGTYPE, size=0, mode=0o644):
    found = tarfile.TarInfo(name)
    found.type, found.size, found.mode, found.uid, found.gid = kind, size, mode, 7, 8
    return found


DATA = member("data/", tarfile.DIRTYPE, mode=0o750)


def test_its_owner_and_mode_and_whether_it_holds_anything():
    assert read_folder(Daemon(DATA), "c", "/data") == ContainerFolder(7, 8, 0o750, is_empty=True)
    found = read_folder(Daemon(DATA, member("data/a")), "c", "/data")
    assert found == ContainerFolder(7, 8, 0o750, is_empty=False)


def test_of_a_large_one_only_the_beginning_is_read():
    large = Daemon(DATA, *(member(f"data/{number}", size=1 << 20) for number in range(4)))
    found = read_folder(large, "c", "/data")
    assert found is not None
    assert not found.is_empty
    assert large.sent < 1 << 17


def test_a_file_is_no_folder():
    assert read_folder(Daemon(member("data")), "c", "/data") is None
