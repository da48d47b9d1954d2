"""Everything that connects reads the Docker environment in one way, that of the docker CLI."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import pytest

from webstack.cli.machine.docker_endpoints import candidates
from webstack.docker.daemon_host import DaemonHost, find_host
from webstack.docker.endpoint import DEFAULT_SOCKET, Endpoint, EndpointError, named, tls_files

HOME = Path("/home/me")
TCP = {"DOCKER_HOST": "tcp://box:2376"}


@pytest.mark.parametrize(
    ("environ", "certificates", "verified"),
    [
        ({}, None, True),
        ({"DOCKER_CERT_PATH": "/certs"}, None, True),
        ({"DOCKER_TLS_VERIFY": "", "DOCKER_CERT_PATH": "/certs"}, None, True),
        ({"DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": "/certs"}, "/certs", True),
        ({"DOCKER_TLS_VERIFY": "0", "DOCKER_CERT_PATH": "/certs"}, "/certs", True),
        ({"DOCKER_TLS_VERIFY": "1"}, "/home/me/.docker", True),
        ({"DOCKER_TLS_VERIFY": "1", "DOCKER_CONFIG": "/config"}, "/config", True),
        ({"DOCKER_TLS": "1", "DOCKER_CERT_PATH": "/certs"}, "/certs", False),
        ({"DOCKER_TLS": "1", "DOCKER_TLS_VERIFY": "1"}, "/home/me/.docker", True),
    ],
)
def test_every_part_reads_the_variables_as_the_docker_cli(
    environ: dict[str, str],
    certificates: str | None,
    verified: bool,
    monkeypatch: pytest.MonkeyPatch,
):
    """A folder of certificates alone encrypts nothing; any value of DOCKER_TLS_VERIFY does."""
    monkeypatch.setenv("HOME", str(HOME))
    folder = Path(certificates) if certificates else None
    wanted = Endpoint("tcp://box:2376", "DOCKER_HOST", folder, verified)
    assert named({**TCP, **environ}, HOME) == wanted
    assert candidates({**TCP, **environ}, HOME) == [wanted]
    assert find_host({}, {**TCP, **environ}) == DaemonHost("tcp://box:2376", folder, verified)
    assert find_host({"host": "tcp://a:1"}, environ) == DaemonHost("tcp://a:1", folder, verified)


def test_who_follows_is_told_the_same(tmp_path: Path):
    """pulumi-docker would encrypt where there is only a folder of certificates."""
    plain = Endpoint("tcp://box:2375", "DOCKER_HOST")
    assert plain.variables == {"DOCKER_HOST": "tcp://box:2375"}
    assert plain.misleading == ("DOCKER_TLS_VERIFY", "DOCKER_TLS", "DOCKER_CERT_PATH")
    assert Endpoint(DEFAULT_SOCKET, "default socket").misleading == plain.misleading
    for verified in (True, False):
        endpoint = Endpoint("tcp://box:2376", "x", tmp_path, verified)
        assert named(endpoint.variables, HOME) == Endpoint(
            "tcp://box:2376", "DOCKER_HOST", tmp_path, verified
        )
        assert len(endpoint.misleading) == 1


@pytest.mark.parametrize("skip", [True, False])
def test_a_context_says_whether_it_is_verified(tmp_path: Path, skip: bool):
    key = sha256(b"far").hexdigest()
    for kind in ("meta", "tls"):
        (tmp_path / ".docker/contexts" / kind / key / "docker").mkdir(parents=True)
    meta = {"Endpoints": {"docker": {"Host": "tcp://far:2376", "SkipTLSVerify": skip}}}
    (tmp_path / f".docker/contexts/meta/{key}/meta.json").write_text(json.dumps(meta))
    found = named({"DOCKER_CONTEXT": "far"}, tmp_path)
    assert found is not None
    assert (found.url, found.verified) == ("tcp://far:2376", not skip)
    assert found.certificates == tmp_path / f".docker/contexts/tls/{key}/docker"


def test_nothing_said_is_nothing_named(tmp_path: Path):
    assert named({"DOCKER_HOST": "", "DOCKER_CERT_PATH": "/certs"}, tmp_path) is None
    assert named({"DOCKER_CONTEXT": "default"}, tmp_path) is None


@pytest.mark.parametrize("content", ["[]", '{"Endpoints": 1}', '{"Endpoints": {}}', "{", "null"])
def test_a_broken_context_is_one_line(tmp_path: Path, content: str):
    folder = tmp_path / ".docker/contexts/meta" / sha256(b"far").hexdigest()
    folder.mkdir(parents=True)
    (folder / "meta.json").write_text(content)
    with pytest.raises(EndpointError, match=r'^there is no Docker context "far" that can be read'):
        named({"DOCKER_CONTEXT": "far"}, tmp_path)


def test_certificates_that_are_missing_are_named(tmp_path: Path):
    with pytest.raises(EndpointError, match=r"ca\.pem is missing"):
        tls_files(tmp_path, verified=True)
    assert tls_files(tmp_path, verified=False).client is None
    (tmp_path / "ca.pem").touch()
    assert tls_files(tmp_path, verified=True).client is None
    (tmp_path / "cert.pem").touch()
    with pytest.raises(EndpointError, match=r"key\.pem is missing"):
        tls_files(tmp_path, verified=True)
    (tmp_path / "key.pem").touch()
    assert tls_files(tmp_path, verified=True).client == (
        str(tmp_path / "cert.pem"),
        str(tmp_path / "key.pem"),
    )
