def test_down_leaves_the_data_and_says_how_to_remove_it(run, session, capsys):
    assert run("down", "--yes") == 0
    assert session.runner.done == ["destroy"]
    assert session.runner.options[-1].exclude_protected
    out = capsys.readouterr().out
    assert "the data volumes webstack-dev-flask-data: make down DATA=1" in out


def test_down_takes_the_data_away_only_when_that_was_asked(run, session):
    assert run("down", "--yes", "--data") == 0
    assert session.runner.done == ["unprotect", "destroy"]


def test_down_with_data_names_it_in_the_question(run, session, capsys):
    assert run("down", "--data", answer="n") == 8
    assert "dev and all its data?" in capsys.readouterr().out
    assert session.runner.done == ["preview_destroy"]
