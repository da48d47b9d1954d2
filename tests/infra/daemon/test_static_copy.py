"""Static files that browsers keep are the same for everybody; others are refused in words."""

from __future__ import annotations

import hashlib
import io
import tarfile

import pytest

from infra.daemon.static_copy import StaticError, StaticFile, files_in, to_put

HASHED, PLAIN = "app.0123456789ab.css", "report-20240131.pdf"


def archive(*entries: tarfile.TarInfo | tuple[str, bytes]) -> tarfile.TarFile:
    """Give an archive of a folder as Docker gives it."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as target:
        root = tarfile.TarInfo("static")
        root.type = tarfile.DIRTYPE
        target.addfile(root)
        for entry in entries:
            if isinstance(entry, tarfile.TarInfo):
                target.addfile(entry)
                continue
            name, content = entry
            header = tarfile.TarInfo(f"static/{name}")
            header.size = len(content)
            target.addfile(header, io.BytesIO(content))
    packed.seek(0)
    return tarfile.open(fileobj=packed)


def special(name: str, kind: bytes, to: str = "") -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.type, entry.linkname = kind, to
    return entry


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def file(name: str, content: bytes) -> StaticFile:
    return StaticFile(name, f"static/{name}", len(content), digest(content))


def test_links_within_the_folder_count_as_what_they_lead_to():
    found = archive(
        ("css/a.css", b"a"),
        special("static/b.css", tarfile.SYMTYPE, "css/a.css"),
        special("static/css/c.css", tarfile.LNKTYPE, "static/css/a.css"),
    )
    contents = {each.name: each.digest for each in files_in(found, strict=True)}
    assert contents == dict.fromkeys(["css/a.css", "b.css", "css/c.css"], digest(b"a"))


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        (special("static/a", tarfile.SYMTYPE, "../../etc/passwd"), "a is a link to what is no"),
        (special("static/a", tarfile.SYMTYPE, "a"), "a is a link to what is no file"),
        (special("static/a", tarfile.FIFOTYPE), "a is no file; remove it"),
        (("caf\udce9.css", b""), r"static file caf\\xe9.css is no plain UTF-8"),
        (("a\x1b[2J", b""), r"the static file a\\u001b\[2J is no plain UTF-8"),
    ],
)
def test_what_cannot_be_served_is_told_and_no_reason_not_to_go_back(entry, says):
    with pytest.raises(StaticError, match=says) as caught:
        list(files_in(archive(entry), strict=True))
    assert "\n" not in str(caught.value)
    assert list(files_in(archive(entry, ("b", b"")), strict=False)) == [file("b", b"")]


def test_a_folder_that_is_a_link_is_told():
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as target:
        target.addfile(special("static", tarfile.SYMTYPE, "/srv/real"))
    packed.seek(0)
    with (
        tarfile.open(fileobj=packed) as found,
        pytest.raises(StaticError, match="names is a link to /srv/real; name a folder"),
    ):
        list(files_in(found, strict=True))


def test_only_what_is_not_there_is_put():
    files = [file(HASHED, b"1"), file(PLAIN, b"1"), file("new.css", b"1")]
    there = {HASHED: digest(b"1"), PLAIN: digest(b"0")}
    assert [each.name for each in to_put(files, there, strict=True)] == [PLAIN, "new.css"]


def test_other_bytes_under_a_name_that_browsers_keep_are_refused():
    there = {HASHED: digest(b"0")}
    with pytest.raises(StaticError, match=r"app\.0123456789ab\.css has other content than that"):
        to_put([file(HASHED, b"1")], there, strict=True)
    assert to_put([file(HASHED, b"1")], there, strict=False) == [file(HASHED, b"1")]


def test_compressed_forms_may_tell_when_they_were_made():
    name = f"{HASHED}.gz"
    assert to_put([file(name, b"1")], {name: digest(b"0")}, strict=True) == []


def test_another_content_has_another_time_and_so_another_etag():
    """Nginx makes the ETag of a file from its time and size."""
    assert file(PLAIN, b"1").time != file(PLAIN, b"2").time
    assert file(PLAIN, b"1").time == file(HASHED, b"1").time


def test_too_many_files_are_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("infra.daemon.static_copy.MOST_FILES", 2)
    with pytest.raises(StaticError, match="more than 2 files"):
        list(files_in(archive(("a", b""), ("b", b"")), strict=True))
