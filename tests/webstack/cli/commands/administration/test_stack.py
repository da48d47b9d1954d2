import pytest


def test_stacks_are_created_listed_and_removed(run, session, capsys):
    run("stack", "init", "staging")
    assert session.records.created
    run("stack", "ls")
    assert capsys.readouterr().out == "dev\nstaging\n"
    run("stack", "rm", "staging", "--yes", "--force")
    assert session.records.deleted == "forced"


def test_nothing_is_removed_without_a_yes(run, session, capsys):
    assert run("stack", "rm", "staging") == 1
    assert capsys.readouterr().err == "error: removing a stack needs a yes; add --yes\n"
    assert not session.records.deleted


def test_a_state_goes_out_and_comes_in(run, session, tmp_path, capsys):
    session.records.deployment = '{"version": 3}'
    run("stack", "export", "--file", str(tmp_path / "state.json"))
    session.records.deployment = ""
    run("stack", "import", "--file", str(tmp_path / "state.json"))
    assert session.records.deployment == '{"version": 3}'
    run("stack", "import", given="piped")
    run("stack", "export")
    assert capsys.readouterr().out == "piped"


@pytest.mark.parametrize(
    ("verb", "says"),
    [
        ("import", "error: cannot read {file}: No such"),
        ("export", "error: cannot write {file}: No"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_line(run, session, tmp_path, capsys, verb, says):
    file = tmp_path / "nowhere/state.json"
    assert run("stack", verb, "--file", str(file)) == 1
    said = capsys.readouterr().err
    assert said.startswith(says.format(file=file))
    assert len(said.splitlines()) == 1
