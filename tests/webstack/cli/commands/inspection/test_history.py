def test_history_reads_both_engines_times(run, session, capsys):
    """The embedded engine records seconds, the CLI prints ISO times."""
    session.records.updates = [
        {"startTime": 1_700_000_000, "kind": "update", "result": "succeeded",
         "resourceChanges": {"same": 2, "create": 1}},
        {"startTime": "2023-11-14T22:13:20.000Z", "kind": "destroy", "result": "failed"},
    ]  # fmt: skip
    run("history")
    heading, first, second = capsys.readouterr().out.splitlines()
    assert heading.split() == ["STARTED", "KIND", "RESULT", "CHANGES"]
    assert first[:19] == second[:19]
    assert first.endswith("update   succeeded  1 create, 2 same")
