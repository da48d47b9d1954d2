"""Users of services are written where nginx reads them, and their passwords nowhere else."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest

from infra import logins
from infra.daemon.failures import ContainerError
from infra.logins import LoginsProvider, lines_of, written
from infra.settings.reading import read
from infra.settings.sections import SettingsError

PASSWORD = "correct horse battery"
SERVICES = '{"shop": {"source": "shop", "path": "/", "login": {"anna": {"setting": "anna"}}}}'
GIVEN = {"container": "nginx", "owner": 10100.0, "users": {"shop": {"anna": PASSWORD}}}


def settings(services: str = SERVICES, password: str = PASSWORD) -> Any:
    values = {"webstack:services": services, "webstack:anna": password}
    return read(values, {"webstack:anna"}), values


def test_a_password_is_salted_and_hashed_anew_each_time():
    first, second = (written({"anna": PASSWORD}) for _ in range(2))
    assert first != second
    user, _, hashed = first.rstrip("\n").partition(":{SSHA}")
    digest = base64.b64decode(hashed)
    assert user == "anna"
    assert digest[:20] == hashlib.sha1(PASSWORD.encode() + digest[20:]).digest()


def test_a_hash_is_taken_as_it_is():
    assert written({"ben": "$apr1$salty123$abc", "anna": "{SSHA}AAAA"}) == (
        "anna:{SSHA}AAAA\nben:$apr1$salty123$abc\n"
    )


def test_the_users_of_each_service_are_found_with_their_passwords():
    assert lines_of(*settings()) == {"shop": {"anna": PASSWORD}}
    without = '{"shop": {"source": "shop", "path": "/"}}'
    assert lines_of(read({"webstack:services": without}), {}) == {}


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("", "is empty"),
        ("too short", "needs 12 to 200 characters"),
        ("x" * 201, "needs 12 to 200 characters"),
        ("line one\nanna:x", "characters that nobody can type"),
        ("$2y$10$abcdefghijklmnop", "a hash that nginx does not take"),
    ],
)
def test_a_password_that_does_not_do_is_told_in_one_line_without_it(password: str, said: str):
    with pytest.raises(SettingsError, match=said) as caught:
        lines_of(*settings(password=password))
    assert str(caught.value).startswith("webstack:anna: ")
    assert "\n" not in str(caught.value)
    assert not password or password not in str(caught.value)


@pytest.mark.parametrize(
    ("login", "said"),
    [
        ('{"a:b": {"setting": "anna"}}', "a name such as anna"),
        ('{"anna": {"setting": "nobody"}}', r"login.anna: the setting nobody is not set; run `web"),
        ('{"anna": "a password here"}', "services.shop.login.anna"),
    ],
)
def test_a_wrong_user_is_told_in_one_line(login: str, said: str):
    with pytest.raises(SettingsError, match=said) as caught:
        settings(SERVICES.replace('{"anna": {"setting": "anna"}}', login))
    assert "\n" not in str(caught.value)


class Engine:
    """A daemon that keeps the written files."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.gone = False

    def run(self, name: str, *command: str) -> None:
        assert (name, command[0]) == ("nginx", "mkdir")

    def write_secret(self, name: str, path: str, content: bytes, *, owner: int) -> None:
        assert (name, owner) == ("nginx", 10100)
        self.files[path] = content

    def read(self, _name: str, *_command: str) -> str:
        if self.gone:
            raise ContainerError("nginx is gone")
        return "\n".join(path.rpartition("/")[2] for path in self.files)


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    made = Engine()
    monkeypatch.setattr(logins, "running_containers", lambda: made)
    return made


def changes(olds: Any, news: Any) -> bool:
    return bool(LoginsProvider().diff("logins", olds, news).changes)


def test_the_files_are_written_and_come_back(engine: Engine):
    made = LoginsProvider().create(GIVEN).outs
    assert list(engine.files) == ["/etc/webstack/logins/shop"]
    assert PASSWORD.encode() not in engine.files["/etc/webstack/logins/shop"]
    assert not changes(made, GIVEN)
    assert changes(made, {**GIVEN, "users": {"shop": {"anna": "another password"}}})
    assert changes(made, {**GIVEN, "container": "nginx-2"})
    engine.files.clear()
    assert changes(made, GIVEN)
    engine.gone = True
    assert not changes(made, GIVEN)
    assert LoginsProvider().update("logins", made, GIVEN).outs == GIVEN
