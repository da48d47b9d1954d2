import pytest

from webstack.cli.daemon.sqlite_versions import is_older, outdated
from webstack.docker.errors import RefusedError

DATA = [{"Name": "webstack-dev-shop-sockets"}, {"Name": "webstack-dev-shop-data"}]


class Engine:
    """A daemon whose containers have the given versions of SQLite, by service."""

    def __init__(self, answers, mounts=DATA):
        self.answers = answers
        self.mounts = mounts
        self.asked = []

    def containers(self, filters):
        self.filters = filters
        return [
            {"Id": name, "Labels": {"webstack.service": name}, "Mounts": self.mounts}
            for name in self.answers
        ]

    def exec_create(self, container, command):
        assert command[0] == "python3"
        self.asked.append(container)
        return {"Id": container}

    def exec_start(self, job):
        if isinstance(self.answers[job], Exception):
            raise self.answers[job]
        return self.answers[job]


def test_old_versions_are_found_by_service():
    engine = Engine({"shop": b"3.46.1\n", "blog": b"3.53.4\n"})
    assert outdated(engine, ["webstack.stack=dev"]) == {"shop": "3.46.1"}
    assert engine.filters == {"label": ["webstack.stack=dev", "webstack.role=service"]}


def test_one_that_cannot_say_is_left_out():
    without_python = b'OCI runtime exec failed: "python3": executable file not found in $PATH'
    assert outdated(Engine({"go": without_python, "gone": RefusedError("gone")}), []) == {}


def test_one_that_keeps_nothing_is_not_asked():
    engine = Engine({"shop": b"3.46.1"}, [{"Name": "webstack-dev-shop-sockets"}, {"Type": "bind"}])
    assert outdated(engine, []) == {}
    assert engine.asked == []


@pytest.mark.parametrize(
    ("version", "older"),
    [("3.51.2", True), ("3.51.3", False), ("3.9.0", True), ("4.0", False), ("", False)],
)
def test_versions_compare_by_their_numbers(version, older):
    assert is_older(version) == older
