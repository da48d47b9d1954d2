import json

import pytest

from tests.webstack.cli.daemon.looks.test_hardening import SOUND, with_values
from webstack.cli.backends import composition
from webstack.cli.commands.inspection import doctor
from webstack.cli.deployments import security
from webstack.cli.machine.docker_ping import Alive
from webstack.cli.terminal.errors import OpsError
from webstack.docker.endpoint import Endpoint


def no_engine(*_):
    raise OpsError("no engine")


@pytest.fixture
def examine(project, monkeypatch):
    monkeypatch.setattr(composition, "_path_of_cli", lambda: None)
    monkeypatch.setattr(doctor, "find", lambda _: Endpoint("unix:///e.sock", "default socket"))
    monkeypatch.setattr(doctor, "ping", lambda _: Alive((1, 41)))
    monkeypatch.setattr(doctor, "StackOnDocker", no_engine)

    def examine(stack="dev", **environ):
        found = doctor.examine(stack, None, project, environ)
        return {finding.topic: finding for finding in found}

    return examine


def test_a_sound_machine_has_only_good_findings(examine):
    found = examine()
    assert [str(finding) for finding in found.values() if not finding.ok] == []
    assert found["docker"].fact == "API 1.41 at unix:///e.sock (default socket)"


def test_a_missing_engine_names_what_starts_one(examine, monkeypatch):
    monkeypatch.setattr(doctor, "find", lambda _: None)
    assert str(examine()["docker"]).startswith("!!  docker        no daemon answers; `webstack up`")


def test_an_engine_that_refuses_is_a_finding_not_an_end(examine, monkeypatch):
    def refuse(_):
        raise OpsError("this user may not use the Docker daemon")

    monkeypatch.setattr(doctor, "find", refuse)
    found = examine()
    assert not found["docker"].ok
    assert found["settings"].ok


def test_a_stack_without_passphrase_or_settings_says_which(examine):
    found = examine("staging")
    assert "there is no Pulumi.staging.yaml" in found["settings"].fact
    assert "needs its passphrase" in found["passphrase"].fact


def test_a_certificate_file_that_is_not_there_is_named(examine):
    assert examine(PIP_CERT="/no/such.pem")["certificates"].fact == "PIP_CERT=/no/such.pem: no file"


def test_proxies_are_named_but_not_shown(examine):
    """The address of a proxy may carry a password."""
    finding = examine(HTTPS_PROXY="http://user:hush@proxy:3128")["proxy"]
    assert finding.fact == "HTTPS_PROXY is set"


def test_a_damaged_project_is_a_finding(examine, project):
    (project / "Pulumi.yaml").write_text("runtime: python\n")
    assert "Pulumi.yaml must give the project's name" in examine()["project"].fact


def test_a_service_with_an_old_sqlite_is_named_with_the_way_out(examine, monkeypatch):
    class Docker:
        labels = ()

        def __init__(self, *_):
            self.api = self

        def containers(self, **_):
            return []

    monkeypatch.setattr(doctor, "StackOnDocker", Docker)
    monkeypatch.setattr(doctor.sqlite_versions, "outdated", lambda *_: {"shop": "3.46.1"})
    finding = examine()["sqlite"]
    assert not finding.ok
    assert finding.fact.startswith("shop has 3.46.1, which before 3.51.3 can damage data; start")


def test_a_service_is_looked_at_in_place_of_a_stack(run, project, capsys):
    service = "config:\n  webstack:services:\n    shop: {source: services/shop, path: /shop}\n"
    (project / "Pulumi.dev.yaml").write_text(service)
    assert run("doctor", "shop", "-C", str(project)) == 1
    said = capsys.readouterr().out
    assert "!!  stack         shop is not in Pulumi.production.yaml" in said
    assert "docker" not in said
    (project / "Pulumi.production.yaml").write_text(
        service.replace("/shop}", "/shop, replicas: 2}")
    )
    assert run("doctor", "shop", "-C", str(project)) == 0
    assert "ok  replicas      2" in capsys.readouterr().out


def test_a_stack_is_meant_before_a_service_of_its_name(run, project, capsys):
    text = "config:\n  webstack:services:\n    dev: {source: services/shop, path: /shop}\n"
    (project / "Pulumi.dev.yaml").write_text(text)
    run("doctor", "dev", "-C", str(project))
    assert "docker" in capsys.readouterr().out


def test_security_shows_each_field_and_the_containers_that_differ(run, monkeypatch, capsys):
    root = with_values("Config", User="")
    monkeypatch.setattr(security, "look", lambda _: {"good": SOUND, "bad": root})
    assert run("doctor", "--security") == 1
    out = capsys.readouterr().out
    lines = {line.split()[1]: line.split()[0] for line in out.splitlines()[1:] if "." in line}
    assert lines["4.1"] == "!!"
    assert lines["5.4"] == "ok"
    assert lines["5.14"] == "--"
    assert "4.1  bad        user: runs as root" in out
    assert run("doctor", "--security", "--json") == 1
    told = {each["container"]: each["fields"] for each in json.loads(capsys.readouterr().out)}
    assert [field["number"] for field in told["bad"] if not field["ok"]] == ["4.1"]
    assert all(field["ok"] for field in told["good"])


def test_security_needs_containers(run, monkeypatch, capsys):
    monkeypatch.setattr(security, "look", lambda _: {})
    assert run("doctor", "--security") == 1
    assert "the stack has no containers" in capsys.readouterr().err
    assert run("doctor", "--json") == 1
    assert "--json is for --security" in capsys.readouterr().err
