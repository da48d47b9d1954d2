from __future__ import annotations

import base64
import json

import pytest

from webstack.engine.model.provider import ProviderError
from webstack.engine.providers.docker.registry.credentials import (
    Credentials,
    Login,
    login_in,
    read_registry_auth,
)


def credentials(auth, cli=None):
    return Credentials(read_registry_auth(auth), cli or (lambda registry, file: None))


def test_reads_the_setting_as_a_list_or_as_json():
    """Stack settings and provider resources give it as JSON text."""
    auth = [{"address": "https://ghcr.io", "username": "me", "password": "pw"}]

    for given in (auth, json.dumps(auth), auth[0]):
        assert credentials(given).login("ghcr.io") == Login("ghcr.io", "me", "pw")


@pytest.mark.parametrize(
    "address", ["docker.io", "https://registry-1.docker.io", "index.docker.io"]
)
def test_docker_hub_has_many_names(address):
    found = credentials([{"address": address, "username": "me", "password": "pw"}])

    login = found.login("docker.io")

    assert login.fields()["serveraddress"] == "https://index.docker.io/v1/"


def test_without_an_entry_the_docker_cli_is_asked():
    known = Login("quay.io", "cli", "pw")

    found = credentials([], lambda registry, file: known if registry == "quay.io" else None)

    assert found.login("quay.io") is known
    assert found.login("ghcr.io") is None


def test_an_entry_may_name_a_file_or_hold_its_content():
    encoded = base64.b64encode(b"me:pw").decode()
    content = json.dumps({"auths": {"https://ghcr.io/v2/": {"auth": encoded}}})
    asked = []

    held = credentials([{"address": "ghcr.io", "configFileContent": content}])
    named = credentials(
        [{"address": "ghcr.io", "configFile": "there.json"}],
        lambda registry, file: asked.append((registry, file)),
    )

    assert held.login("ghcr.io") == Login("ghcr.io", "me", "pw")
    assert named.login("ghcr.io") is None
    assert asked == [("ghcr.io", "there.json")]


def test_pythons_spelling_of_the_keys_is_understood():
    """A provider resource in the program sends its dictionaries as they are."""
    found = credentials([{"address": "ghcr.io", "auth_disabled": True}])

    assert found.login("ghcr.io") == Login("ghcr.io", "username", "password")


def test_a_resources_own_login_goes_first():
    found = credentials([{"address": "ghcr.io", "username": "me", "password": "pw"}])

    assert found.login("ghcr.io", {"username": "own", "password": "x"}).username == "own"
    assert found.login("ghcr.io", {"server": "ghcr.io"}).username == "me"


@pytest.mark.parametrize(
    ("auth", "problem"),
    [
        ("{not json", "is not JSON"),
        ([{"username": "me"}], "needs an address"),
        ([{"address": "a", "email": "x"}], "email is not supported"),
    ],
)
def test_refuses_a_setting_it_cannot_use(auth, problem):
    with pytest.raises(ProviderError, match=problem):
        read_registry_auth(auth)


def test_a_login_shows_no_secret():
    assert "hush" not in repr(Login("ghcr.io", "me", "hush", "hush-token"))


def test_a_token_is_sent_instead_of_a_password():
    header = json.loads(base64.urlsafe_b64decode(Login("ghcr.io", token="t").header()))

    assert header == {"serveraddress": "ghcr.io", "identitytoken": "t"}


def test_a_file_without_the_registry_gives_no_login():
    assert login_in({"auths": {"quay.io": {"auth": "bTpw"}}}, "ghcr.io") is None
