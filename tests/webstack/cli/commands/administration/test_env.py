from webstack.cli import main
from webstack.cli.commands.administration import env
from webstack.docker.endpoint import Endpoint


def test_a_state_folder_that_cannot_be_made_is_one_line(project, monkeypatch, capsys):
    monkeypatch.delenv("PULUMI_BACKEND_URL", raising=False)
    (project / ".state").write_text("in the way")
    assert main.main(["env", "-C", str(project)]) == 1
    assert capsys.readouterr().err.startswith(f"error: cannot make {project}/.state: File exists.")


def test_env_prints_what_a_shell_can_evaluate(project, monkeypatch, capsys):
    monkeypatch.setattr(env, "find", lambda _: None)
    for name in ("PULUMI_BACKEND_URL", "PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE"):
        monkeypatch.delenv(name, raising=False)
    assert main.main(["env", "-C", str(project)]) == 0
    assert capsys.readouterr().out == (
        f"export PULUMI_BACKEND_URL=file://{project}/.state\n"
        f"export PULUMI_CONFIG_PASSPHRASE_FILE={project}/dev.passphrase\n"
    )
    assert (project / ".state").is_dir()


def test_env_names_an_engine_that_the_provider_would_not_find(project, monkeypatch, capsys):
    rootless = Endpoint("unix:///run/user/7/docker.sock", "rootless socket")
    monkeypatch.setattr(env, "find", lambda _: rootless)
    assert main.main(["env", "-C", str(project)]) == 0
    assert f"export DOCKER_HOST={rootless.url}\n" in capsys.readouterr().out


def test_env_unsets_what_the_provider_alone_would_take_for_encryption(project, monkeypatch, capsys):
    monkeypatch.setattr(env, "find", lambda _: Endpoint("tcp://near:2375", "DOCKER_HOST"))
    monkeypatch.setenv("DOCKER_CERT_PATH", "/certs")
    monkeypatch.delenv("DOCKER_TLS_VERIFY", raising=False)
    assert main.main(["env", "-C", str(project)]) == 0
    out = capsys.readouterr().out
    assert "unset DOCKER_CERT_PATH\n" in out
    assert "DOCKER_TLS_VERIFY" not in out
