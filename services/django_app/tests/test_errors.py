import psycopg
import pytest
from django.db import InterfaceError, OperationalError
from django.test import RequestFactory
from psycopg_pool import PoolTimeout

from website import errors


def raised(error, cause):
    """Give the error as Django's database layer raises it."""
    try:
        raise error from cause
    except type(error) as caught:
        return caught


@pytest.mark.parametrize(
    ("error", "cause", "outage"),
    [
        (OperationalError("x"), psycopg.OperationalError("starting up"), True),
        (OperationalError("x"), PoolTimeout("no connection"), True),
        (InterfaceError("x"), psycopg.InterfaceError("closed"), True),
        (OperationalError("no such table"), None, False),
        (ValueError("x"), psycopg.OperationalError("starting up"), False),
    ],
)
def test_only_a_server_that_is_away_is_an_outage(error, cause, outage):
    assert errors.is_outage(raised(error, cause)) is outage


@pytest.mark.parametrize(
    ("cause", "status"), [(psycopg.OperationalError("starting up"), 503), (None, 500)]
)
def test_visitors_are_told_when_to_come_again(cause, status):
    try:
        raise OperationalError("inside") from cause
    except OperationalError:
        answer = errors.failed(RequestFactory().get("/guestbook/"))
    assert answer.status_code == status
    assert (answer.headers.get("Retry-After") == "5") is (status == 503)
    assert "inside" not in answer.content.decode()
