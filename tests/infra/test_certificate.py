"""A resource puts the certificate where nginx reads it."""

from datetime import datetime, timedelta, timezone

import pytest

from infra import certificate
from infra.certificate import CertificateProvider
from infra.daemon.failures import ContainerError

NOW = datetime(2026, 11, 1, tzinfo=timezone.utc)
PLACE = "/run/webstack/certificates/site.pem"
DEVELOPMENT = {
    "mode": "development",
    "hosts": ["localhost"],
    "container": "nginx",
    "owner": 10100.0,
    "fingerprint": "",
    "pem": None,
}


class Engine:
    """A daemon that keeps the written files, and gives their digests."""

    def __init__(self):
        self.files: dict[str, bytes] = {}
        self.gone = False

    def write_secret(self, name, path, content, *, owner):
        assert (name, owner) == ("nginx", 10100)
        self.files[path] = content

    def read(self, name, *command):
        import hashlib

        if self.gone:
            raise ContainerError("nginx is gone")
        found = self.files.get(PLACE)
        return f"{hashlib.sha256(found).hexdigest()}  {PLACE}\n" if found else ""


@pytest.fixture
def engine(monkeypatch):
    made = Engine()
    monkeypatch.setattr(certificate, "running_containers", lambda: made)
    monkeypatch.setattr(certificate, "_now", lambda: NOW)
    return made


def changes(olds, news) -> bool:
    return CertificateProvider().diff("certificate", olds, news).changes


def test_a_given_one_is_put_in_its_place_and_replaced_by_another(engine):
    given = {**DEVELOPMENT, "mode": "files", "pem": "key and chain", "fingerprint": "a"}
    made = CertificateProvider().create(given).outs
    assert engine.files == {PLACE: b"key and chain"}
    assert not changes(made, given)
    assert changes(made, {**given, "fingerprint": "b"})


def test_one_that_was_taken_away_comes_back(engine):
    made = CertificateProvider().create(DEVELOPMENT).outs
    engine.files.clear()
    assert changes(made, DEVELOPMENT)
    engine.gone = True
    assert not changes(made, DEVELOPMENT)


ACME = {**DEVELOPMENT, "mode": "acme", "container": "keeper"}


class Keeper:
    """A keeper of certificates that orders nothing unless it ``issues``."""

    def __init__(self):
        self.issues = False
        self.asked = 0

    def run(self, name, *command):
        assert (name, command[-1]) == ("keeper", "60")
        self.asked += 1
        return "until tomorrow" if self.issues else "not issued: the directory\nis away"

    def read(self, _name, *_command):
        return '{"issued": true}' if self.issues else ""


def test_one_that_is_not_ordered_yet_fails_nothing_and_is_asked_for_again(monkeypatch, capsys):
    keeper = Keeper()
    monkeypatch.setattr(certificate, "running_containers", lambda: keeper)
    made = CertificateProvider().create(ACME).outs
    assert capsys.readouterr().err == "certificate: not issued: the directory\\nis away\n"
    assert changes(made, ACME)
    keeper.issues = True
    assert not changes(made, ACME)
    assert changes(made, {**ACME, "hosts": ["a.test"]})


def test_ours_is_issued_anew_in_time_by_the_same_authority(engine, monkeypatch):
    made = CertificateProvider().create(DEVELOPMENT).outs
    assert not changes(made, DEVELOPMENT)
    monkeypatch.setattr(certificate, "_now", lambda: NOW + timedelta(days=380))
    assert changes(made, DEVELOPMENT)
    renewed = CertificateProvider().update("certificate", made, DEVELOPMENT).outs
    assert renewed["authority"] == made["authority"]
    assert renewed["pem"] != made["pem"]


def test_hosts_beyond_what_the_authority_may_sign_need_another(engine):
    made = CertificateProvider().create(DEVELOPMENT).outs
    nearby = {**DEVELOPMENT, "hosts": ["shop.localhost"]}
    beyond = {**DEVELOPMENT, "hosts": ["shop.test"]}
    assert changes(made, nearby)
    update = CertificateProvider().update
    assert update("certificate", made, nearby).outs["authority"] == made["authority"]
    assert update("certificate", made, beyond).outs["authority"] != made["authority"]
