"""An authority is added in the right place of a machine."""

from pathlib import Path

from webstack.cli.machine.trust_stores import stores

AUTHORITY = Path("/home/a b/own.pem")


def test_each_machine_has_its_own_places(tmp_path):
    (tmp_path / ".pki/nssdb").mkdir(parents=True)
    debian = list(stores("webstack-x", AUTHORITY, tmp_path, {"update-ca-certificates": "/x"}.get))
    assert [store.by_hand(AUTHORITY) for store in debian] == [
        "sudo cp '/home/a b/own.pem' /usr/local/share/ca-certificates/webstack-x.crt"
        " && sudo update-ca-certificates"
    ]
    (browser,) = stores("webstack-x", AUTHORITY, tmp_path, {"certutil": "/x"}.get)
    assert browser.file is None
    assert browser.command[-1] == str(AUTHORITY)
    assert not list(stores("webstack-x", AUTHORITY, tmp_path, {}.get))
