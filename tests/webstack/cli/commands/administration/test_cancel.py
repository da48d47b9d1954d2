def test_cancel_removes_the_lock(run, session, capsys):
    assert run("cancel") == 0
    assert session.runner.done == ["cancel"]
