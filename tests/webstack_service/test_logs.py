import json
import logging
import logging.config
import sys
from datetime import timedelta
from types import SimpleNamespace

import pytest

from webstack_service import access, logs, request


def line(record, **fields):
    text = logs.JsonFormatter(**fields).format(record)
    assert "\n" not in text
    return json.loads(text)


def record(message, *args, **extra):
    made = logging.getLogger("x").makeRecord(
        "x", logging.INFO, "x.py", 1, message, args, None, extra=extra
    )
    made.created = 1.5
    return made


def test_an_event_is_one_object_with_its_extras():
    assert line(record("%s added", "note", note=3), service="flask") == {
        "time": "1970-01-01T00:00:01.500Z",
        "level": "info",
        "logger": "x",
        "message": "note added",
        "service": "flask",
        "note": 3,
    }


def test_nothing_breaks_the_line():
    said = "two\nlines \u2028 \udcff"
    assert line(record(said))["message"] == said


def test_an_exception_stays_in_its_line():
    try:
        raise ValueError("no")
    except ValueError:
        failed = logging.LogRecord("x", logging.ERROR, "x.py", 1, "failed", (), sys.exc_info())
    assert line(failed)["exception"].endswith("ValueError: no")


def test_an_event_knows_its_request():
    token = request.identity.set("r-1")
    try:
        assert line(record("hello"))["request_id"] == "r-1"
    finally:
        request.identity.reset(token)


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        ([("HOST", "x"), ("X-REQUEST-ID", "ab-12")], "ab-12"),
        ([("X-Request-Id", "ab-12")], "ab-12"),
        ([("X-REQUEST-ID", 'a"} {')], ""),
        ([("X-REQUEST-ID", "a" * 129)], ""),
        ([], ""),
    ],
)
def test_only_a_plain_request_id_is_taken(headers, found):
    assert request.find_identity(headers) == found


def test_gunicorn_and_applications_talk_through_one_handler():
    found = logs.configuration({"WEBSTACK_SERVICE": "shop", "WEBSTACK_RELEASE": "3f9c"})
    assert found["formatters"]["json"].items() >= {"service": "shop", "release": "3f9c"}.items()
    assert found["root"]["handlers"] == ["stdout"]
    for name in ("gunicorn.error", "gunicorn.access", "django"):
        assert found["loggers"][name] == {"handlers": [], "propagate": True}
    logging.config.DictConfigurator(found)  # accepts its form


class Recorder(access.AccessLog):
    """An access log that keeps its lines; gunicorn's own set-up wants a whole server."""

    def __init__(self):
        self.lines = []
        self.access_log = SimpleNamespace(
            log=lambda level, message, *args, extra: self.lines.append(
                (level, message % args, extra)
            )
        )


def answered(path, status, prefix=""):
    log = Recorder()
    environ = {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": prefix,
        "PATH_INFO": path,
        "REMOTE_ADDR": "192.0.2.1",
    }
    response = SimpleNamespace(status_code=status, sent=12)
    log.access(response, None, environ, timedelta(milliseconds=2.54))
    return log.lines


def test_access_is_an_event_with_the_whole_path():
    [(level, message, fields)] = answered("/notes", 200, prefix="/x")
    assert (level, message) == (logging.INFO, "GET /x/notes 200")
    assert (fields["duration_ms"], fields["bytes"], fields["client"]) == (2.5, 12, "192.0.2.1")


def test_a_failure_is_an_error():
    assert answered("/notes", 500)[0][0] == logging.ERROR


def test_only_an_unhealthy_answer_to_a_health_check_is_an_event():
    assert answered("/healthz", 200) == []
    assert answered("/readyz", 200, prefix="/x") == []
    assert len(answered("/readyz", 503)) == 1
