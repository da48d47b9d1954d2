import json

import pytest

from webstack.cli.terminal.log_lines import LONGEST, Line, as_json, cut, merged, parse, readable

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


HOSTILE = "/\x1b[2J\n10:00:00.123 nginx  GET /admin\u2028\u202e\x9b1A"


@pytest.mark.parametrize("text", [json.dumps({"path": HOSTILE, HOSTILE: 1}), HOSTILE])
def test_what_a_visitor_sends_stays_on_its_line(text):
    for shown in (readable(Line(TIME, "nginx", text), 8), as_json(Line(TIME, "nginx", text))):
        assert "GET /admin" in shown
        assert shown.isprintable()


def test_what_a_visitor_sends_is_not_taken_for_another_field():
    line = Line(TIME, "nginx", json.dumps({"path": '/" status=200 x="', "status": 404}))
    assert readable(line, 5).endswith(r'path="/\" status=200 x=\"" status=404')


def test_the_colours_of_a_program_are_left_out():
    assert readable(Line(TIME, "x", "\x1b[31mred\x1b[0m"), 1).endswith("  red")


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_a_log_is_cut_at_line_feeds_alone(size):
    whole = f"one\u2028two\x85\r\n\nGrüße\x0b {'x' * 50}\nrest".encode()
    chunks = [whole[at : at + size] for at in range(0, len(whole), size)]
    assert list(cut(chunks)) == whole.decode().split("\n")


def test_a_line_without_an_end_is_bounded():
    first, second = cut([b"x" * LONGEST, b"y" * 2000, b"y\nshort\n"])
    assert first == "x" * LONGEST + "… and 2001 bytes more"
    assert second == "short"
