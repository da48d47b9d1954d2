"""Nginx connects to the socket of the right container, whatever stands under its name."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from proxy import paths

COMMANDS = Path(paths.__file__).parent / "image/commands"


@pytest.fixture(autouse=True)
def commands(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the commands of the image find each other beside them."""
    monkeypatch.syspath_prepend(str(COMMANDS))


class Place:
    """The folders of an nginx and of one service."""

    def __init__(self, root: Path) -> None:
        from webstack_upstreams import Upstreams

        self.links, self.upstreams, self.sockets = (root / name for name in ("l", "u", "s"))
        self.links.mkdir()
        self.sockets.mkdir()
        self.held: Any = Upstreams(self.links, self.upstreams)

    def link(self, name: str) -> None:
        link = self.links / "shop-0.sock"
        link.unlink(missing_ok=True)
        link.symlink_to(self.sockets / name)

    def said(self) -> str:
        """Give what a client hears who connects where nginx does; empty where nobody listens."""
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(1)
            with suppress(OSError):
                client.connect(str(self.upstreams / "shop-0.sock"))
                return client.recv(9).decode()
        return ""


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@contextmanager
def listening(path: Path, words: str) -> Iterator[None]:
    """Say some words to each client, until the end of the context; the name stays behind."""
    path.unlink(missing_ok=True)
    pid = os.fork()
    if pid:
        while not path.exists():
            pass
        try:
            yield
        finally:
            os.kill(pid, 9)
            os.waitpid(pid, 0)
        return
    try:
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(f"{path}.new")
            server.listen()
            Path(f"{path}.new").replace(path)
            while True:
                client, _ = server.accept()
                with client, suppress(OSError):
                    client.sendall(words.encode())
    finally:
        os._exit(0)


def test_a_link_leads_to_the_socket_itself(place: Place):
    with listening(place.sockets / "one.sock", "one"), listening(place.sockets / "two.sock", "two"):
        place.link("one.sock")
        place.held.tend()
        assert place.said() == "one"
        place.link("two.sock")
        place.held.tend()
        place.held.tend()
        assert place.said() == "two"
        (place.links / "shop-0.sock").unlink()
        place.held.tend()
        assert list(place.upstreams.iterdir()) == []


def test_a_link_in_the_place_of_a_socket_is_not_followed(place: Place):
    with listening(place.sockets / "secret", "secret"):
        (place.sockets / "one.sock").symlink_to(place.sockets / "secret")
        place.link("one.sock")
        place.held.tend()
        assert place.said() == ""


@pytest.mark.parametrize("make", [Path.mkdir, Path.touch, os.mkfifo])
def test_what_is_no_socket_is_left_alone_and_heals(place: Place, make: Any):
    spoiled = place.sockets / "one.sock"
    make(spoiled)
    place.link("one.sock")
    place.held.tend()
    assert place.said() == ""
    spoiled.rmdir() if spoiled.is_dir() else spoiled.unlink()
    with listening(spoiled, "one"):
        place.held.tend()
        assert place.said() == "one"


@pytest.mark.parametrize("foe", ["link", "listener", "nothing"])
def test_who_takes_the_name_of_one_that_serves_gets_no_connection(place: Place, foe: str):
    name = place.sockets / "one.sock"
    with listening(name, "one"), listening(place.sockets / "foe", "foe"):
        place.link("one.sock")
        place.held.tend()
        name.unlink()
        if foe == "link":
            name.symlink_to(place.sockets / "foe")
        elif foe == "listener":
            (place.sockets / "foe").rename(name)
        place.held.tend()
        assert place.said() == "one"


def test_one_whose_name_is_gone_is_let_go_for_another_of_the_service(place: Place):
    """A server that stops removes its name before it stops to listen."""
    first, second = (place.sockets / f"{name}.sock" for name in ("one", "two"))
    with listening(first, "one"), listening(second, "two"):
        place.link("one.sock")
        (place.links / "shop-1.sock").symlink_to(second)
        place.held.tend()
        first.unlink()
        place.held.tend()
        assert place.said() == ""
        second.unlink()
        place.held.tend()
        assert (place.upstreams / "shop-1.sock").is_symlink(), "the last one is held"


def test_one_that_restarts_is_found_again(place: Place):
    name = place.sockets / "one.sock"
    place.link("one.sock")
    for words in ("first", "second"):
        with listening(name, words):
            place.held.tend()
            assert place.said() == words
        place.held.tend()
        assert place.said() == ""


def test_a_listener_of_another_group_is_not_the_one_that_is_named(place: Place):
    own, other = f"aa-0.{os.getegid()}.sock", f"aa-0.{os.getegid() + 1}.sock"
    with listening(place.sockets / own, "own"), listening(place.sockets / other, "other"):
        place.link(other)
        place.held.tend()
        assert place.said() == ""
        place.link(own)
        place.held.tend()
        assert place.said() == "own"


def test_no_descriptor_is_left_open(place: Place):
    before = len(list(Path("/proc/self/fd").iterdir()))
    for number in range(5):
        with listening(place.sockets / f"{number}.sock", "one"):
            place.link(f"{number}.sock")
            place.held.tend()
    (place.links / "shop-0.sock").unlink()
    place.held.tend()
    place.held.tend()
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_the_probe_follows_no_link_either(place: Place):
    from webstack_sockets import connected

    with listening(place.sockets / "secret", "secret"):
        link = place.sockets / "one.sock"
        link.symlink_to(place.sockets / "secret")
        with pytest.raises(OSError, match="something else"):
            connected(str(link), 1)
        with connected(str(place.sockets / "secret"), 1) as connection:
            assert connection.recv(9) == b"secret"


def test_what_counts_requests_is_told_which_replicas_are_there(place: Place, tmp_path: Path):
    from webstack_telling import tell

    place.link("one.sock")
    (place.links / "shop-1.sock").symlink_to(place.sockets / "gone.sock")
    with listening(place.sockets / "one.sock", "one"):
        place.held.tend()
        tell(place.held.there, tmp_path)
    assert (tmp_path / "replicas").read_text() == "shop-0 1\nshop-1 0\n"
    assert not [*tmp_path.glob("replicas.*")]
