"""Certificates and keys are read as text, checked, and used to verify both ends."""

from __future__ import annotations

import json
import ssl
import subprocess
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from webstack.docker.client import connect
from webstack.docker.daemon_host import find_host
from webstack.docker.endpoint import EndpointError
from webstack.docker.errors import DaemonError
from webstack.docker.tls_material import NAMES, material_in

TEXTS = dict.fromkeys(NAMES, "text")


@pytest.mark.parametrize("missing", NAMES)
def test_all_three_belong_together(missing):
    given = {name: text for name, text in TEXTS.items() if name != missing}
    with pytest.raises(EndpointError, match=f"go together: {missing} is missing"):
        material_in(given)


def test_texts_and_a_folder_exclude_each_other():
    with pytest.raises(EndpointError, match=r"certPath and .* exclude each other"):
        material_in({**TEXTS, "certPath": "/certificates"})


def test_the_key_is_not_shown():
    assert "hush" not in repr(material_in({**TEXTS, "keyMaterial": "hush"}))


def made(folder, name, *, subject="/CN=localhost", signer=None):
    """Make a key and a certificate, signed by another or by itself."""
    key, certificate = folder / f"{name}.key", folder / f"{name}.pem"
    signed = ["-CA", f"{folder}/{signer}.pem", "-CAkey", f"{folder}/{signer}.key"] if signer else []
    subprocess.run(
        [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
            "-nodes", "-keyout", key, "-out", certificate, "-subj", subject, "-days", "2",
            "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", *signed,
        ],
        check=True,
        capture_output=True,
    )  # fmt: skip
    return certificate.read_text(), key.read_text()


class _Version(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        content = json.dumps({"ApiVersion": "1.41"}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_arguments: object) -> None:
        pass


@pytest.fixture
def daemon(tmp_path):
    """Serve a daemon's version to clients with a certificate of the right authority."""
    authority, _ = made(tmp_path, "ca", subject="/CN=authority")
    made(tmp_path, "server", signer="ca")
    client = made(tmp_path, "client", signer="ca")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(tmp_path / "ca.pem"))
    context.load_cert_chain(tmp_path / "server.pem", tmp_path / "server.key")
    context.verify_mode = ssl.CERT_REQUIRED
    server = HTTPServer(("127.0.0.1", 0), _Version)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield {
        "host": f"tcp://127.0.0.1:{server.server_port}",
        "caMaterial": authority,
        "certMaterial": client[0],
        "keyMaterial": client[1],
    }
    server.shutdown()
    server.server_close()


def asked(config):
    client = connect(find_host(config, {}))
    client.close()
    return client.api_version


def test_an_engine_answers_who_shows_the_right_certificate(daemon, monkeypatch, tmp_path):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "server.key"))
    places = tmp_path / "temporary"
    places.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(places))
    assert asked(daemon) == "1.41"
    assert list(places.iterdir()) == []


def test_an_engine_of_another_authority_is_not_trusted(daemon, tmp_path):
    other, _ = made(tmp_path, "other", subject="/CN=other")
    with pytest.raises(DaemonError, match="certificate verify failed"):
        asked({**daemon, "caMaterial": other})


def test_what_is_no_certificate_is_one_line(daemon):
    with pytest.raises(EndpointError, match="must be two certificates and a key in PEM") as caught:
        asked({**daemon, "keyMaterial": "no key"})
    assert "\n" not in str(caught.value)
    assert "no key" not in str(caught.value)
