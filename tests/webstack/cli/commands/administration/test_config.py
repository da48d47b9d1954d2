import pytest

from webstack.contract import bounded_files


def test_settings_are_read_written_and_removed(run, session, capsys):
    run("config", "get", "plain")
    assert capsys.readouterr().out == "1\n"
    run("config", "set", "plain", "2")
    run("config", "rm", "plain")
    assert session.records.settings == {}


def test_a_secret_is_piped_in_without_its_line_end(run, session):
    """A piped secret stands neither in the shell's history nor in the list of processes."""
    run("config", "set", "password", "--secret", given="hush\n")
    assert session.records.settings["password"] == "hush"
    assert session.records.secrets == {"password"}


@pytest.mark.parametrize("words", [["config", "set", "a"], ["stack", "import"]])
def test_standard_input_without_an_end_is_one_line(run, monkeypatch, capsys, words):
    monkeypatch.setattr(bounded_files, "SMALL", 10)
    monkeypatch.setattr(bounded_files, "LARGEST", 10)
    assert run(*words, given="x" * 11) == 1
    said = capsys.readouterr().err
    assert said.startswith("error: standard input has more than")
    assert said.count("\n") == 1
