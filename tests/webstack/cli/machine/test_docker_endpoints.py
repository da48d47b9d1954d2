import hashlib
import json

import pytest

from webstack.cli.machine.docker_endpoints import candidates
from webstack.cli.terminal.errors import OpsError
from webstack.docker.endpoint import DEFAULT_SOCKET, Endpoint


def with_context(home, name, host, *, tls=False):
    configuration = home / ".docker"
    key = hashlib.sha256(name.encode()).hexdigest()
    meta = configuration / "contexts/meta" / key
    meta.mkdir(parents=True)
    (configuration / "config.json").write_text(json.dumps({"currentContext": name}))
    (meta / "meta.json").write_text(json.dumps({"Endpoints": {"docker": {"Host": host}}}))
    if tls:
        (configuration / "contexts/tls" / key / "docker").mkdir(parents=True)


def test_without_any_hint_the_default_socket_comes_before_the_rootless_one(tmp_path):
    """A plain machine has its daemon at the default socket."""
    found = candidates({"XDG_RUNTIME_DIR": "/run/user/7"}, tmp_path)
    assert [endpoint.url for endpoint in found] == [
        DEFAULT_SOCKET,
        "unix:///run/user/7/docker.sock",
    ]


def test_the_rootless_socket_is_in_the_home_where_there_is_no_runtime_folder(tmp_path):
    assert candidates({}, tmp_path)[1].url == f"unix://{tmp_path}/.docker/run/docker.sock"


def test_a_named_engine_is_the_only_candidate(tmp_path):
    """Falling back would deploy to another machine than the one that was named."""
    with_context(tmp_path, "far", "ssh://far")
    found = candidates({"DOCKER_HOST": "tcp://near:2375"}, tmp_path)
    assert found == [Endpoint("tcp://near:2375", "DOCKER_HOST")]


def test_the_variables_certificates_count_only_with_verification(tmp_path):
    environ = {"DOCKER_HOST": "tcp://near:2376", "DOCKER_CERT_PATH": "/certs"}
    assert candidates(environ, tmp_path)[0].certificates is None
    verified = candidates({**environ, "DOCKER_TLS_VERIFY": "1"}, tmp_path)[0]
    assert verified.variables == environ | {"DOCKER_TLS_VERIFY": "1"}


def test_the_current_context_is_followed(tmp_path):
    with_context(tmp_path, "far", "ssh://deploy@far")
    assert candidates({}, tmp_path) == [Endpoint("ssh://deploy@far", 'context "far"')]


def test_a_contexts_certificates_reach_the_environment(tmp_path):
    with_context(tmp_path, "far", "tcp://far:2376", tls=True)
    variables = candidates({}, tmp_path)[0].variables
    assert variables["DOCKER_TLS_VERIFY"] == "1"
    assert variables["DOCKER_CERT_PATH"].endswith("/docker")


def test_the_context_variable_wins_over_the_current_context(tmp_path):
    with_context(tmp_path, "far", "ssh://far")
    assert candidates({"DOCKER_CONTEXT": "default"}, tmp_path)[0].url == DEFAULT_SOCKET


def test_a_context_that_is_not_there_is_named(tmp_path):
    with pytest.raises(OpsError, match='no Docker context "gone"'):
        candidates({"DOCKER_CONTEXT": "gone"}, tmp_path)


def test_a_damaged_client_configuration_is_named(tmp_path):
    (tmp_path / ".docker").mkdir()
    (tmp_path / ".docker/config.json").write_text("{")
    with pytest.raises(OpsError, match=r"config\.json is not readable JSON"):
        candidates({}, tmp_path)


def test_only_an_engine_that_is_not_everyones_default_is_named_to_those_that_follow():
    """A variable that names the default would end up in the inputs of the program's providers."""
    assert Endpoint(DEFAULT_SOCKET, "default socket").variables == {}
    assert Endpoint("ssh://far", 'context "far"').variables == {"DOCKER_HOST": "ssh://far"}
