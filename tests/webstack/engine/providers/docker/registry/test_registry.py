from __future__ import annotations

import ssl

import certifi
import pytest

from tests.authority import own_authority
from tests.webstack.engine.providers.docker.stub_registry import StubRegistry
from webstack.engine.model.provider import ProviderError
from webstack.engine.providers.docker.registry.credentials import Credentials, Login
from webstack.engine.providers.docker.registry.image_names import parse_image
from webstack.engine.providers.docker.registry.registry import RegistryClient

LOGIN = Login("stub", "me", "hush-hush")


@pytest.fixture(params=[(None, False), (("me", "hush-hush"), False), (("me", "hush-hush"), True)])
def stub(request):
    user, by_token = request.param
    stub = StubRegistry(user, by_token=by_token)
    yield stub
    stub.close()


def registry(stub, name="demo/app:1", login=LOGIN):
    image = parse_image(f"{stub.name}/{name}")
    return RegistryClient(image, f"http://{stub.name}", login)


def test_gives_the_digest_of_a_tag(stub):
    """The registry wants no login, a password, or a token."""
    digest = stub.put("demo/app", "1", b"content")

    assert registry(stub).digest() == digest
    assert registry(stub, "demo/app:2").digest() is None


def test_deletes_what_is_there_or_not(stub):
    digest = stub.put("demo/app", "1")

    registry(stub).delete(digest)
    registry(stub).delete(digest)

    assert f"demo/app/{digest}" not in stub.manifests


@pytest.mark.parametrize("by_token", [False, True])
def test_a_refused_login_is_reported_without_the_password(by_token):
    stub = StubRegistry(("me", "other"), by_token=by_token)

    with pytest.raises(ProviderError, match="see docker:registryAuth") as error:
        registry(stub).digest()

    assert "hush" not in str(error.value)
    stub.close()


def test_a_registry_that_is_not_there_is_named():
    image = parse_image("127.0.0.1:9/demo:1")

    with pytest.raises(ProviderError, match=r"registry 127.0.0.1:9 cannot be reached"):
        RegistryClient(image, "http://127.0.0.1:9", None).digest()


@pytest.mark.parametrize("bundle", [None, certifi.where()])
def test_trusts_whom_the_machine_trusts(tmp_path, monkeypatch, bundle):
    authority = own_authority(tmp_path / "authority.pem")
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    if bundle:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", bundle)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority)
    stub = StubRegistry(encrypted=context)
    digest = stub.put("demo/app", "1")
    image = parse_image(f"{stub.name}/demo/app:1")

    with pytest.raises(ProviderError, match=r"no certificate that this machine trusts.*SSL_CERT"):
        RegistryClient(image, f"https://{stub.name}", None).digest()
    assert RegistryClient(image, f"https://{stub.name}", None, verify=False).digest() == digest
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    assert RegistryClient(image, f"https://{stub.name}", None).digest() == digest
    monkeypatch.setenv("SSL_CERT_FILE", "/none.pem")
    with pytest.raises(ProviderError, match=r"cannot be asked: .*/none\.pem"):
        RegistryClient(image, f"https://{stub.name}", None).digest()
    stub.close()


@pytest.mark.parametrize(
    ("registry_name", "address"),
    [
        ("docker.io", "https://registry-1.docker.io"),
        ("ghcr.io", "https://ghcr.io"),
        ("localhost:5000", "http://localhost:5000"),
        ("127.0.0.1:5000", "http://127.0.0.1:5000"),
        ("plain.test", "http://plain.test"),
        ("127.0.0.1:5001", "https://127.0.0.1:5001"),
    ],
)
def test_knows_where_a_registry_answers(registry_name, address):
    given = {
        "plain.test": {"address": "http://plain.test"},
        "127.0.0.1:5001": {"address": "https://127.0.0.1:5001"},
    }

    assert Credentials(given, lambda name, file: None).address(registry_name) == address


def test_a_resource_s_own_login_says_how_its_registry_speaks():
    credentials = Credentials({}, lambda name, file: None)

    assert credentials.address("own.test", {"address": "http://own.test"}) == "http://own.test"
