import pytest

from tests.webstack.cli.machine.test_host_facts import BARE, READY
from webstack.cli.commands.administration import host
from webstack.cli.machine.docker_ping import Alive, Dead
from webstack.cli.machine.host_facts import Host
from webstack.cli.machine.shell import CommandError

ADDRESS = "ssh://deploy@server"
ALIVE = Alive((1, 45))


@pytest.fixture
def prepare(run, session, monkeypatch):
    """Prepare a machine that says this of itself; gives the exit code and the commands run."""
    done = []

    def prepare(*words, said=None, answer=ALIVE, failing=False, **more):
        def there(argv, **_):
            done.append(argv[-1])
            if failing:
                raise CommandError(argv, 100, "E: no such package\n")
            return ""

        file = session.project.settings_file("dev")
        file.write_text(f"config: {{webstack:host: '{ADDRESS}'}}\n")
        monkeypatch.setattr(host.host_facts, "look", lambda _: Host({**READY, **(said or {})}))
        monkeypatch.setattr(host, "run_program", there)
        monkeypatch.setattr(host, "ping", lambda _: answer)
        return run("host", "prepare", *words, **more), done

    return prepare


def test_a_ready_machine_is_only_looked_at(prepare, capsys):
    assert prepare() == (0, [])
    assert "It is ready: `webstack up dev` deploys there" in capsys.readouterr().out


def test_what_is_done_is_said_before_and_not_done_unasked(prepare, capsys):
    code, done = prepare(said=BARE)
    out, err = capsys.readouterr()
    assert (code, done) == (8, [])
    assert "1. install Docker from the distribution" in out
    assert "Nothing was done; add --yes." in err


def test_it_is_done_as_root_when_told_to(prepare):
    code, done = prepare("--yes", said=BARE)
    assert code == 0
    assert len(done) == 4
    assert all(each.startswith("sudo -n sh -c ") for each in done)


def test_a_step_that_fails_is_named_with_what_it_said(prepare, capsys):
    code, done = prepare("--yes", said=BARE, failing=True)
    assert (code, len(done)) == (1, 1)
    err = capsys.readouterr().err
    assert "this failed: install Docker from the distribution" in err
    assert "E: no such package" in err


def test_docker_that_does_not_answer_then_is_told(prepare, capsys):
    assert prepare(answer=Dead("permission denied"))[0] == 1
    assert f"Docker does not answer at {ADDRESS}: permission denied" in capsys.readouterr().err


def test_a_stack_of_this_machine_has_nothing_to_prepare(run, capsys):
    assert run("host", "prepare") == 1
    assert "dev runs on this machine" in capsys.readouterr().err
