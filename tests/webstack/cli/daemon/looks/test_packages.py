"""The packages of an image are read from the records in its file system."""

import io
import tarfile

import pytest

from webstack.cli.daemon.looks import packages
from webstack.cli.daemon.looks.packages import Contents, Package, of_image, read

STATUS = """Package: openssl
Status: install ok installed
Architecture: amd64
Version: 3.5.1-1+deb13u1
Description: TLS
 with more lines

Package: old
Status: deinstall ok config-files
Architecture: amd64
Version: 1

Package: tzdata
Status: hold ok installed
Architecture: all
Version: 2025b-4
"""
FILES = {
    "./var/lib/dpkg/status": STATUS,
    "usr/lib/os-release": 'ID=debian\nVERSION_ID="13"\n',
    "venv/lib/python3.13/site-packages/Flask_Admin-2.0.dist-info/METADATA": (
        "Metadata-Version: 2.4\nName: Flask_Admin\nVersion: 2.0\n\nVersion: of the text\n"
    ),
    "srv/METADATA": "Name: none\nVersion: 1\n",
    "srv/broken.dist-info/METADATA": "no header",
}
CONTENTS = Contents(
    "debian-13",
    (
        Package("deb", "openssl", "3.5.1-1+deb13u1", "amd64"),
        Package("deb", "tzdata", "2025b-4", "all"),
        Package("pypi", "flask-admin", "2.0"),
    ),
)


def archive(files=None):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as target:
        for name, text in (FILES if files is None else files).items():
            entry = tarfile.TarInfo(name)
            entry.size = len(text.encode())
            target.addfile(entry, io.BytesIO(text.encode()))
        link = tarfile.TarInfo("etc/os-release")
        link.type, link.linkname = tarfile.SYMTYPE, "../usr/lib/os-release"
        target.addfile(link)
    return packed.getvalue()


def test_installed_packages_of_debian_and_python_are_found():
    assert read(io.BytesIO(archive())) == CONTENTS


def test_an_image_without_dpkg_may_have_a_record_for_each_package():
    files = {
        "var/lib/dpkg/status.d/libc6": "Package: libc6\nVersion: 2.41\nArchitecture: amd64\n",
        "var/lib/dpkg/status.d/libc6.md5sums": "Package: none\nVersion: 1\n",
    }
    assert read(io.BytesIO(archive(files))).packages == (Package("deb", "libc6", "2.41", "amd64"),)


def test_an_image_of_nothing_has_no_packages():
    assert read(io.BytesIO(archive({}))) == Contents("", ())


class Daemon:
    def __init__(self, chunks):
        self.chunks, self.removed = chunks, []

    def create_container(self, image, command, network_disabled):
        assert network_disabled
        return {"Id": f"of {image}"}

    def export(self, made):
        yield from self.chunks

    def remove_container(self, made, force, v):
        self.removed.append(made)


@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_an_image_is_read_from_a_container_that_goes_again(size):
    whole = archive()
    daemon = Daemon([whole[at : at + size] for at in range(0, len(whole), size)])
    assert of_image(daemon, "shop:1") == CONTENTS
    assert daemon.removed == ["of shop:1"]


def test_the_container_goes_where_the_archive_breaks_off():
    daemon = Daemon([archive()[:700]])
    with pytest.raises(tarfile.ReadError):
        of_image(daemon, "shop:1")
    assert daemon.removed == ["of shop:1"]
    assert packages.Package("deb", "a", "1") < packages.Package("pypi", "a", "1")
