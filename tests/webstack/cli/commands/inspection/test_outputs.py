import json


def test_outputs_as_json_have_the_promised_shape(run, session, capsys):
    assert run("outputs", "--json") == 0
    shape = json.loads(capsys.readouterr().out)
    assert shape.keys() == {"url", "services", "release"}
    assert shape["services"]["flask"].keys() == {"url", "image", "containers"}


def test_secret_outputs_are_shown_only_when_asked(run, capsys):
    run("outputs")
    assert "key" not in capsys.readouterr().out
    run("outputs", "--show-secrets")
    assert "key       open" in capsys.readouterr().out
