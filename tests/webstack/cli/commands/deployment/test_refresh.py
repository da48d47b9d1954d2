def test_refresh_asks_too(run, session):
    assert run("refresh", answer="n") == 8
    assert session.runner.done == []
    assert run("refresh", answer="y") == 0
