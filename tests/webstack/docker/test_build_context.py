"""One walk gives name and archive: the same name always means the same bytes and modes."""

from __future__ import annotations

import inspect
import os
import shutil
import socket
import sys
import tarfile
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webstack.docker.build_context import Sending
from webstack.docker.context_archive import write_archive
from webstack.docker.context_digest import contents, dockerfile_digest
from webstack.docker.errors import ContextError

FILES = [
    "a.py",
    "b.txt",
    "d/a.py",
    "d/b.txt",
    "d/e/a.py",
    "d/e/f/b.txt",
    "p/x/src/v.py",
    "p/y/v.py",
]
LINES = [
    "*", "**", "d", "d/e", "*/*", "**/*.py", "*.txt", "!*.py", "!**/*.py", "!*/*/*.py", "!p/*/src",
    "!d/e/a.py", "!d", "[^a]*", "[!a]*", "../a.py", "/d/", "!/d/e", "?.py", "p/**", "!p/**/v.py",
    "", "# d", "!**/f", "**/e/**", ".dockerignore", "Dockerfile", "!Dockerfile", "**/[a-c].*",
]  # fmt: skip

Sent = dict[str, tuple[int, bytes, bytes]]


def sending(folder: Path) -> Sending:
    return Sending.of(folder, folder / "Dockerfile")


def named(folder: Path) -> bytes:
    found = sending(folder)
    return b"".join(
        [dockerfile_digest(found), *(each.digest for each in contents(found.entries()))]
    )


def sent(folder: Path) -> Sent:
    """Give the files that the daemon would unpack, by name: mode with the kind, target, content."""
    packed, _ = write_archive(sending(folder))
    with packed, tarfile.open(fileobj=packed) as tar:
        return {
            entry.name: (
                entry.mode,
                entry.type + entry.linkname.encode(),
                tar.extractfile(entry).read() if entry.isreg() else b"",
            )
            for entry in tar
        }


def write(folder: Path, name: str, text: str = "", mode: int = 0o644) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)
    return path


def plant(folder: Path, text: str) -> Path:
    write(folder, "Dockerfile", "FROM scratch\n")
    write(folder, ".dockerignore", text)
    for name in FILES:
        write(folder, name, name)
    return folder


CHANGES = {
    "content": lambda file: file.write_text("other"),
    "mode": lambda file: file.chmod(0o600),
    "time": lambda file: os.utime(file, (1, 1)),
    "name": lambda file: file.rename(file.with_name("z.py")),
    "gone": lambda file: file.unlink(),
    "link": lambda file: (file.unlink(), file.symlink_to("a.py")),
    "folder's mode": lambda file: file.parent.chmod(0o700),
    "empty folder": lambda file: (file.parent / "new").mkdir(),
}


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.sampled_from(LINES), max_size=6),
    st.sampled_from(FILES),
    st.sampled_from(sorted(CHANGES)),
)
def test_the_name_changes_exactly_with_the_archive(lines: list[str], file: str, change: str):
    with tempfile.TemporaryDirectory() as place:
        one = plant(Path(place, "one"), "\n".join(lines))
        other = Path(shutil.copytree(one, Path(place, "other"), symlinks=True))
        assert named(one) == named(other)
        assert sent(one) == sent(other)
        CHANGES[change](other / file)
        assert (named(one) == named(other)) == (sent(one) == sent(other))


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["*", "!a.py", "!p/*/src"], {"a.py", "p/x/src", "p/x/src/v.py"}),
        (["*/*", "!*/*/*.py"], {"a.py", "b.txt", "d", "p", "d/e/a.py", "p/y/v.py"}),
        (["*", "!**/*.py"], {"a.py", "d/a.py", "d/e/a.py", "p/x/src/v.py", "p/y/v.py"}),
        (["[^a]*"], {"a.py"}),
        (["[!a]*", "p", "d"], {"b.txt"}),
        (["../a.py", "d", "p"], {"a.py", "b.txt"}),
    ],
)
def test_what_is_taken_in_again_below_a_folder_is_sent(
    tmp_path: Path, lines: list[str], expected: set[str]
):
    folder = plant(tmp_path / "context", "\n".join(lines))
    assert sent(folder).keys() - {"Dockerfile", ".dockerignore"} == expected


def test_the_files_of_the_build_itself_are_sent_even_where_they_are_ignored(tmp_path: Path):
    folder = plant(tmp_path / "context", "*\n")
    before = named(folder)
    assert sent(folder).keys() == {"Dockerfile", ".dockerignore"}
    (folder / "Dockerfile").chmod(0o600)
    assert named(folder) != before


def test_a_list_of_the_dockerfile_s_own_is_the_one_in_force(tmp_path: Path):
    folder = plant(tmp_path / "context", "*\n")
    write(folder, "Dockerfile.dockerignore", "d\np\n")
    before = named(folder)
    write(folder, "a.py", "other")
    assert named(folder) != before
    assert sent(folder)["a.py"][2] == b"other"
    assert "d/a.py" not in sent(folder)


def test_a_dockerfile_that_is_a_link_counts_with_what_it_leads_to(tmp_path: Path):
    folder = plant(tmp_path / "context", "")
    elsewhere = write(tmp_path, "real", "FROM a\n")
    (folder / "Dockerfile").unlink()
    (folder / "Dockerfile").symlink_to("../real")
    before = named(folder)
    elsewhere.write_text("FROM b\n")
    assert named(folder) != before


def test_sockets_have_no_place_in_an_archive_or_a_name(tmp_path: Path):
    folder = plant(tmp_path / "context", "")
    before = named(folder), sent(folder)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / "s.sock"))
        assert (named(folder), sent(folder)) == before


def test_folders_deeper_than_functions_may_call_each_other(
    tmp_path: Path,
):
    folder = plant(tmp_path / "context", "")
    (folder / "/".join(["n"] * 100)).mkdir(parents=True)
    found, before = sending(folder), sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack()) + 60)
    try:
        names = [entry.name for entry in found.entries()]
    finally:
        sys.setrecursionlimit(before)
    assert sum(name.startswith("n") for name in names) == 100


def test_what_cannot_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    found = sending(plant(tmp_path / "context", ""))

    def refuse(path: str, *_arguments: object, **_options: object) -> None:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr("builtins.open", refuse)
    with pytest.raises(ContextError, match=r"'\.dockerignore' cannot be read: Permission denied"):
        list(contents(found.entries()))


@pytest.mark.parametrize(
    ("lines", "unseen"),
    [
        (["*", "!p/*/src"], {"p/x/src", "p/x/src/v.py"}),
        (["*", "!p", "p/*/*", "!p/*/src"], set()),
        (["*", "!d/e"], set()),
        (["**/*.txt"], set()),
    ],
)
def test_tells_what_older_clients_do_not_find(tmp_path: Path, lines: list[str], unseen: set[str]):
    """Older clients enter a left-out folder only where an exception begins with its very name."""
    folder = plant(tmp_path / "context", "\n".join(lines))
    found = {entry.name for entry in sending(folder).entries() if not entry.sent_by_all}
    assert found == unseen
