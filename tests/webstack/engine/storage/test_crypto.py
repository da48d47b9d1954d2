"""The passphrase secrets provider opens what the real CLI encrypted."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from webstack.engine.model.errors import PassphraseError
from webstack.engine.storage.crypto import Crypter, new_salt, passphrase_from

SETTINGS = yaml.safe_load((Path(__file__).parents[3] / "recordings/Pulumi.dev.yaml").read_text())
SALT = SETTINGS["encryptionsalt"]


def test_what_the_cli_sealed_is_opened():
    sealed = SETTINGS["config"]["eng-sample:token"]["secure"]
    assert Crypter(SALT, "x").open(sealed) == "s3cr3t-value"


def test_sealing_is_undone_by_opening_and_never_gives_the_same_twice():
    crypter = Crypter(SALT, "x")
    one, two = crypter.seal("grüß 🎈"), crypter.seal("grüß 🎈")
    assert one != two
    assert crypter.open(one) == crypter.open(two) == "grüß 🎈"


def test_a_new_salt_works_with_its_passphrase_only():
    salt = new_salt("right")
    Crypter(salt, "right").verify()
    with pytest.raises(PassphraseError, match="incorrect passphrase"):
        Crypter(salt, "wrong").verify()


def test_a_changed_ciphertext_is_noticed():
    crypter = Crypter(SALT, "x")
    version, nonce, data = crypter.seal("text").split(":")
    with pytest.raises(PassphraseError, match="does not decrypt"):
        crypter.open(f"{version}:{nonce}:{'A' * len(data)}")


@pytest.mark.parametrize("sealed", ["", "v1:xx", "v1::", "v1:AAAA:BBBB"])
def test_a_malformed_secret_is_refused(sealed):
    with pytest.raises(PassphraseError, match="a secret is malformed"):
        Crypter(SALT, "x").open(sealed)


@pytest.mark.parametrize(
    "salt", ["", "v1:abc", "v2:AAAA:v1:BBBB:CCCC", "v1:*:v1:B:C", "v1:AAAA:v1:BBBB:CCCC"]
)
def test_a_malformed_salt_is_refused(salt):
    with pytest.raises(PassphraseError):
        Crypter(salt, "x").verify()


def test_the_passphrase_comes_from_the_variable_before_the_file(tmp_path):
    file = tmp_path / "phrase"
    file.write_text("from file\n")
    named = {"PULUMI_CONFIG_PASSPHRASE_FILE": str(file)}
    assert passphrase_from(named) == "from file"
    assert passphrase_from({**named, "PULUMI_CONFIG_PASSPHRASE": ""}) == ""


@pytest.mark.parametrize("environ", [{}, {"PULUMI_CONFIG_PASSPHRASE_FILE": "/does/not/exist"}])
def test_without_a_passphrase_the_variables_are_named(environ):
    with pytest.raises(PassphraseError, match="PULUMI_CONFIG_PASSPHRASE_FILE"):
        passphrase_from(environ)


@pytest.mark.parametrize(
    ("content", "words"), [(None, "it has more than 1 MiB"), (b"\xff\xfe", "is not text in UTF-8")]
)
def test_a_passphrase_file_that_holds_none_is_one_line(tmp_path, content, words):
    file = Path("/dev/zero")
    if content is not None:
        file = tmp_path / "passphrase"
        file.write_bytes(content)
    with pytest.raises(PassphraseError, match=words):
        passphrase_from({"PULUMI_CONFIG_PASSPHRASE_FILE": str(file)})
