import json

import pytest

from ops.log_lines import Line, as_json, merged, parse, readable

TIME = "2026-11-21T10:00:00.123456789Z"


def test_a_line_is_told_apart_from_its_time():
    assert parse("flask-0", f"{TIME} hello world\n") == Line(TIME, "flask-0", "hello world")


def test_containers_are_merged_in_order_of_time():
    flask = [Line("1", "flask", "a"), Line("4", "flask", "d")]
    nginx = [Line("2", "nginx", "b"), Line("3", "nginx", "c")]
    assert [line.text for line in merged([flask, nginx])] == ["a", "b", "c", "d"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain words", "plain words"),
        ("{not json", "{not json"),
        (
            '{"time": "x", "level": "info", "message": "GET /", "status": 200, "agent": "a b"}',
            'INFO  GET /  status=200 agent="a b"',
        ),
        ('{"msg": "started", "service": "flask", "empty": ""}', "started"),
        ('["a list"]', '["a list"]'),
    ],
)
def test_structured_lines_become_readable_and_others_stay(text, shown):
    assert readable(Line(TIME, "flask-0", text), 8) == f"10:00:00.123 flask-0   {shown}"


def test_programs_get_every_field_and_where_it_was_logged():
    line = Line(TIME, "flask-0", '{"message": "hi", "request_id": "r1"}')
    assert json.loads(as_json(line)) == {
        "container_time": TIME,
        "container": "flask-0",
        "message": "hi",
        "request_id": "r1",
    }
    assert json.loads(as_json(Line(TIME, "x", "plain")))["message"] == "plain"
