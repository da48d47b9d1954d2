"""Settings of HTTPS are checked."""

import json

import pytest

from infra.settings.reading import read
from infra.settings.sections import SettingsError

SERVICES = json.dumps({"shop": {"source": "s", "path": "/"}})


def settings(said, secret_keys=None, **more):
    values = {f"webstack:{key}": value for key, value in more.items()}
    tls = said if isinstance(said, str) else json.dumps(said)
    return read({"webstack:services": SERVICES, "webstack:tls": tls, **values}, secret_keys)


def test_a_mode_may_stand_alone():
    assert settings("off").https is None
    assert settings("development").https.mode == "development"
    assert read({"webstack:services": SERVICES}).https is None


def test_the_usual_port_goes_with_the_usual_one_without_tls():
    assert settings("development", port="80").https.published(80) == 443
    assert settings("development").https.published(8080) == 8443
    assert settings({"mode": "development", "port": 9443}).https.published(8080) == 9443


def test_hsts_says_what_is_asked():
    assert settings("development").https.hsts_header == ""
    said = {"mode": "development", "hsts": 31536000, "hsts_subdomains": True, "hsts_preload": True}
    header = "max-age=31536000; includeSubDomains; preload"
    assert settings(said).https.hsts_header == header


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ("files", "webstack:tls.certificate: required with mode: files"),
        ({"mode": "files", "certificate": "a"}, "webstack:tls.key: required with mode: files"),
        ({"mode": "development", "key": "a"}, "webstack:tls.key: only of use with mode: files"),
        ({"mode": "development", "port": 8080}, "webstack:tls.port: 8080 is the port of clients"),
        ({"mode": "development", "hsts_preload": True}, "webstack:tls.hsts_preload: browsers'"),
        ({"mode": "development", "hsts_subdomains": True}, "webstack:tls.hsts_subdomains: without"),
        ({"mode": "development", "hst": 1}, "webstack:tls.hst: unknown setting"),
        ("on", "webstack:tls: "),
    ],
)
def test_what_does_not_fit_is_told_in_one_line(said, error):
    with pytest.raises(SettingsError) as caught:
        settings(said)
    assert str(caught.value).startswith(error)
    assert "\n" not in str(caught.value)


ACME = {"mode": "acme", "acme": {"directory": "https://ca.test/dir"}}
PUBLIC = {"hosts": '["shop.example.org"]'}


@pytest.mark.parametrize(
    ("said", "more", "error"),
    [
        ("acme", {}, "webstack:tls.acme: nobody certifies localhost, 127.0.0.1; give"),
        ("acme", {"hosts": '["10.0.0.1"]'}, "webstack:tls.acme: nobody certifies 10.0.0.1"),
        (ACME, {"hosts": '["*.example.org"]'}, "webstack:tls.acme: *.example.org cannot be"),
        (
            {"mode": "acme", "acme": {"hook_settings": {"TOKEN": {"setting": "token"}}}},
            {**PUBLIC, "token": "x"},
            "webstack:tls.acme.hook_settings: without a hook of no use; name a hook",
        ),
        (
            {
                "mode": "acme",
                "acme": {"hook": "d", "hook_settings": {"PATH": {"setting": "token"}}},
            },
            {**PUBLIC, "token": "x"},
            "webstack:tls.acme.hook_settings: PATH is a name of the stack's own; name another",
        ),
        (
            {"mode": "acme", "acme": {"directory": "http://ca.test"}},
            PUBLIC,
            "webstack:tls.acme.directory: http://ca.test is no https address",
        ),
        (
            {"mode": "development", "acme": {"email": "a@b.test"}},
            {},
            "webstack:tls.acme: only of use with mode: acme; remove it",
        ),
        (
            ACME,
            {"services": json.dumps({"certificates": {"source": "s", "path": "/"}})},
            "webstack:services.certificates: with tls: acme certificates is a name of",
        ),
    ],
)
def test_what_cannot_be_ordered_is_told_in_one_line(said, more, error):
    with pytest.raises(SettingsError) as caught:
        settings(said, **more)
    assert str(caught.value).startswith(error)
    assert "\n" not in str(caught.value)


def test_a_private_directory_may_certify_any_name():
    assert settings(ACME).https.acme.directory == "https://ca.test/dir"
    assert settings("acme", **PUBLIC).https.acme.directory.startswith("https://acme-v02.")
    assert settings("acme", hosts='["192.0.1.1"]').https.mode == "acme"


def test_a_hook_proves_all_names_below_one():
    said = {"mode": "acme", "acme": {"hook": "dns.py", "hook_settings": {"A": {"setting": "a"}}}}
    https = settings(said, ["webstack:a"], hosts='["*.example.org"]', a="x").https
    assert https.settings == {"acme.hook_settings.A": "a"}
    with pytest.raises(
        SettingsError, match=r"tls\.acme\.hook_settings\.A: the setting a is not set"
    ):
        settings(said, [], **PUBLIC)


def test_a_key_may_be_a_secret_setting():
    said = {"mode": "files", "certificate": "a.pem", "key": {"setting": "tls_key"}}
    assert settings(said, ["webstack:tls_key"], tls_key="x").https.settings == {"key": "tls_key"}
    with pytest.raises(SettingsError, match="the setting tls_key is not encrypted"):
        settings(said, [], tls_key="x")
    with pytest.raises(SettingsError, match="the setting tls_key is not set"):
        settings(said, [])
