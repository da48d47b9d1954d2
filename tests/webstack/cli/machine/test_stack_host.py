"""The machine that a stack names is used, for that stack alone."""

import pytest

from webstack.cli.machine import stack_host
from webstack.cli.terminal.errors import OpsError
from webstack.contract.stack_host import is_address, is_named_in
from webstack.docker.endpoint import named

OURS = "ssh://deploy@server.example.com"


def test_it_wins_over_what_the_user_says_and_gives_it_back(tmp_path):
    own = {"DOCKER_HOST": "tcp://box:2376", "DOCKER_TLS_VERIFY": "1", "HOME": "/h"}
    environ = dict(own)
    stack_host.point(environ, OURS)
    found = named(environ, tmp_path)
    assert (found.url, found.source) == (OURS, "webstack:host")
    assert found.certificates is None
    stack_host.point(environ, "ssh://other")
    assert named(environ, tmp_path).url == "ssh://other"
    stack_host.point(environ, None)
    assert environ == own


def test_a_context_of_the_user_counts_no_more(tmp_path):
    environ = {"DOCKER_CONTEXT": "elsewhere"}
    stack_host.point(environ, OURS)
    assert named(environ, tmp_path).url == OURS
    stack_host.point(environ, None)
    assert environ == {"DOCKER_CONTEXT": "elsewhere"}


def test_nothing_changes_for_a_stack_of_this_machine():
    environ = {"DOCKER_HOST": "unix:///x"}
    stack_host.point(environ, None)
    assert environ == {"DOCKER_HOST": "unix:///x"}


def test_the_setting_is_read_from_the_stack_s_file(session):
    file = session.project.settings_file("dev")
    assert stack_host.host_of(session.project, "dev") is None
    file.write_text(f"config: {{webstack:host: '{OURS}'}}\n")
    assert stack_host.host_of(session.project, "dev") == OURS
    file.write_text("config: {webstack:host: server}\n")
    with pytest.raises(OpsError, match="webstack:host: expected a machine with Docker"):
        stack_host.host_of(session.project, "dev")


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("ssh://server", True),
        ("ssh://deploy@server.example.com:2222", True),
        ("ssh://root@[2001:db8::1]", True),
        ("ssh://-oProxyCommand=x", False),
        ("ssh://deploy@-server", False),
        ("ssh://a b", False),
        ("ssh://server/path", False),
        ("tcp://server:2376", False),
        ("ssh://server\n", False),
        ("", False),
    ],
)
def test_only_a_machine_behind_ssh_is_an_address(text, good):
    assert is_address(text) is good


@pytest.mark.parametrize(
    ("text", "named_there"),
    [
        ("config:\n  webstack:host: ssh://box\n", True),
        ("config:\n  'webstack:host': \"ssh://deploy@box\"\n", True),
        ("config:\n  # webstack:host: ssh://box\n", False),
        ("config:\n  webstack:hosts: [a.example.com]\n", False),
        ("", False),
    ],
)
def test_a_file_names_a_machine_before_anything_reads_yaml(text, named_there):
    assert is_named_in(text) is named_there
