"""The comment of a preview is posted to hosts that answer well or badly, over real HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.webstack.cli.comments.stub_host import TOKEN, StubHost, served
from tests.webstack.cli.review.write_golden import RECORDINGS
from webstack.cli import main
from webstack.cli.comments import http

MARKER = "<!-- webstack preview of shop/dev -->"


@pytest.fixture
def host() -> Iterator[StubHost]:
    with served(StubHost()) as host:
        yield host


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Give the seconds that would have been waited for, without waiting."""
    waited: list[float] = []
    monkeypatch.setattr(http.time, "sleep", waited.append)
    return waited


@pytest.fixture(params=["github", "gitlab"])
def post(
    request: pytest.FixtureRequest, host: StubHost, waits: list[float], monkeypatch: Any
) -> Callable[..., int]:
    """Post the review of a recording on one of the hosts."""
    variables = {
        "github": {
            "GITHUB_TOKEN": TOKEN,
            "GITHUB_REPOSITORY": "shop/shop",
            "GITHUB_API_URL": host.url,
        },
        "gitlab": {"GITLAB_TOKEN": TOKEN, "CI_PROJECT_ID": "7", "CI_API_V4_URL": host.url},
    }[request.param]
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    def post(case: str = "code", **changed: str) -> int:
        for name, value in changed.items():
            monkeypatch.setenv(name, value)
        file = str(RECORDINGS / f"{case}.cli.json")
        return main.main(
            ["comment", file, "--post", "--host", request.param, "--pull-request", "5"]
        )

    return post


def test_the_comment_is_written_once_and_then_edited(post, host, capsys):
    host.say("somebody", "Nice.")
    assert post("code") == 0
    assert post("address") == 0
    assert len(host.comments) == 2
    assert host.bodies()[1].startswith("**1 restarts (about 3 s), nothing lost**")
    assert MARKER in host.bodies()[1]
    assert "The comment was edited." in capsys.readouterr().err


def test_nothing_is_written_where_nothing_changed(post, host, capsys):
    post("code")
    host.requests.clear()
    post("code")
    assert {method for method, _ in host.requests} == {"GET"}
    assert "says so already" in capsys.readouterr().err


def test_it_is_found_behind_many_others(post, host):
    post("code")
    for number in range(250):
        host.comments.insert(0, {**host.comments[0], "body": f"{number}"})
    for number, comment in enumerate(host.comments, 1):
        comment["id"] = number
    post("address")
    assert len(host.comments) == 251
    assert host.bodies()[250].startswith("**1 restarts")


def test_what_others_wrote_stays_even_with_our_marker(post, host):
    host.say("mallory", f"All is well.\n\n{MARKER}")
    post("code")
    assert host.bodies()[0].startswith("All is well.")
    assert len(host.comments) == 2


def test_each_environment_has_its_own(post, host):
    host.say("me", "**…**\n\n<!-- webstack preview of shop/staging -->")
    post("code")
    assert len(host.comments) == 2


def test_of_two_runs_at_once_one_comment_is_left(post, host):
    """The other run writes while this one finds no comment; the one that says less is removed."""

    def meanwhile() -> None:
        host.say("me", f"Of the other run.\n\n{MARKER}")
        host.say("me", f"Of a third.\n\n{MARKER}")

    host.before_post = meanwhile
    assert post("code") == 0
    assert [body[:20] for body in host.bodies()] == ["**1 service rolls wi"]


def test_a_comment_that_is_gone_meanwhile_need_not_be_removed(post, host):
    for _ in range(2):
        host.say("me", f"Of an earlier run.\n\n{MARKER}")
    host.before_delete = host.comments.pop
    assert post("code") == 0
    assert len(host.comments) == 1


@pytest.mark.parametrize(
    ("mood", "waited"),
    [
        ((500, {}, ""), 2),
        ((503, {}, "<html>"), 2),
        ((429, {"Retry-After": "7"}, ""), 7),
        ((403, {"Retry-After": "9"}, ""), 9),
        ((403, {}, '{"message": "You have exceeded a secondary rate limit."}'), 2),
    ],
)
def test_a_host_that_is_busy_is_asked_again(post, host, waits, mood, waited):
    host.moods = [mood]
    assert post() == 0
    assert len(host.comments) == 1
    assert waits == [waited]


@pytest.mark.parametrize(
    ("moods", "message"),
    [
        ([(500, {}, "")] * 4, "answered 500: it is out of order; try again later"),
        (
            [(403, {"x-ratelimit-remaining": "0", "retry-after": "3600"}, "")],
            "answered 403: too many requests; try again in 3600 s",
        ),
        ([(404, {}, "{}")], "answered 404: no such pull request, or the token may not see it"),
        ([(200, {}, "<html>")], "answered with something that is no JSON"),
        ([(200, {}, "[" * 100_000)], "answered with something that is no JSON"),
        ([(200, {}, "[]")], "not what its API promises"),
        (
            [(200, {}, '{"login": "me", "username": "me"}'), (200, {}, "[]"), (500, {}, "")],
            "answered 500",
        ),
        (
            [
                (200, {}, '{"login": "me", "username": "me"}'),
                (200, {}, "[]"),
                (422, {}, '{"message": "Body is too long\\n(maximum is 65536 characters)"}'),
            ],
            "answered 422: Body is too long (maximum is 65536 characters); nothing was written",
        ),
        (
            [
                (200, {}, '{"login": "me", "username": "me"}'),
                (200, {}, "[]"),
                (403, {}, '{"message": "Resource not accessible by integration"}'),
            ],
            "answered 403: the token may not do this; let it write to pull requests",
        ),
    ],
)
def test_a_host_that_refuses_is_one_line(post, host, capsys, moods, message):
    host.moods = list(moods)
    assert post() == 1
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert message in error
    assert error.count("\n") == 1
    assert TOKEN not in error
    assert host.comments == []


def test_an_expired_token_is_one_line(post, host, capsys):
    assert post(GITHUB_TOKEN="old", GITLAB_TOKEN="old") == 1
    assert "401: the token is wrong or has expired; give it a new one" in capsys.readouterr().err


def test_a_host_that_is_not_there_is_one_line(post, capsys):
    nowhere = "http://127.0.0.1:1"
    assert post(GITHUB_API_URL=nowhere, CI_API_V4_URL=nowhere) == 1
    assert "cannot be reached: " in capsys.readouterr().err


@pytest.mark.parametrize("address", ["host", "http://[::1", "http://a b", "ftp://host"])
def test_an_address_that_is_none_is_one_line(post, capsys, address: str):
    assert post(GITHUB_API_URL=address, CI_API_V4_URL=address) == 1
    assert "is no web address" in capsys.readouterr().err


@pytest.mark.parametrize("token", ["one\ntwo", "tok\u20acn"])
def test_a_token_that_is_none_is_one_line_that_does_not_show_it(post, capsys, token: str):
    assert post(GITHUB_TOKEN=token, GITLAB_TOKEN=token) == 1
    error = capsys.readouterr().err
    assert error == "error: the token has characters that no token has; set it anew\n"


def test_a_line_break_after_the_token_does_no_harm(post, host):
    assert post(GITHUB_TOKEN=f"{TOKEN}\n", GITLAB_TOKEN=f"{TOKEN}\n") == 0


def test_a_missing_token_is_one_line(post, capsys):
    assert post(GITHUB_TOKEN="", GITLAB_TOKEN="") == 1
    assert "TOKEN and " in capsys.readouterr().err


@pytest.fixture
def of_workflow(host, tmp_path, monkeypatch):
    """Post from a workflow of GitHub, for an event."""

    def run(event: dict[str, Any] | str) -> int:
        file = tmp_path / "event.json"
        file.write_text(event if isinstance(event, str) else json.dumps(event), "latin-1")
        for name, value in {
            "GITHUB_TOKEN": TOKEN,
            "GITHUB_REPOSITORY": "shop/shop",
            "GITHUB_API_URL": host.url,
            "GITHUB_EVENT_PATH": str(file),
        }.items():
            monkeypatch.setenv(name, value)
        return main.main(["comment", str(RECORDINGS / "code.cli.json"), "--post"])

    return run


def test_a_workflow_knows_its_pull_request(of_workflow, host):
    host.me = (403, {"message": "Resource not accessible by integration"})
    assert of_workflow({"pull_request": {"number": 12}}) == 0
    assert ("POST", "/repos/shop/shop/issues/12/comments") in host.requests


FORK = {
    "workflow_run": {
        "head_branch": "better",
        "head_sha": "abc",
        "head_repository": {"owner": {"login": "friend"}},
    }
}


@pytest.mark.parametrize("event", ["{", "\xff", "[]", '{"pull_request": [1]}'])
def test_an_event_that_is_none_is_one_line(of_workflow, tmp_path, capsys, event: str):
    assert of_workflow(event) == 1
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert error.count("\n") == 1


def test_the_pull_request_of_a_fork_is_looked_up(of_workflow, host):
    host.pulls = [{"number": 3, "head": {"sha": "old"}}, {"number": 4, "head": {"sha": "abc"}}]
    assert of_workflow(FORK) == 0
    assert ("POST", "/repos/shop/shop/issues/4/comments") in host.requests


def test_a_preview_of_an_earlier_commit_is_not_posted(of_workflow, host, capsys):
    host.pulls = [{"number": 3, "head": {"sha": "newer"}}]
    assert of_workflow(FORK) == 1
    assert "or to an earlier commit of one" in capsys.readouterr().err
    assert host.comments == []


def test_without_a_stack_there_is_no_comment_to_edit(host, tmp_path: Path, capsys):
    """Otherwise the failed previews of all environments would share one comment."""
    file = tmp_path / "preview.json"
    file.write_text('{"steps": [], "diagnostics": [{"message": "boom", "severity": "error"}]}')
    assert main.main(["comment", str(file), "--post", "--pull-request", "5"]) == 1
    assert capsys.readouterr().err.startswith("error: this preview names no stack")
    assert host.requests == []


def test_without_post_it_is_printed(capsys, tmp_path: Path):
    full = tmp_path / "full.md"
    file = str(RECORDINGS / "code.cli.json")
    assert main.main(["comment", file, "--note", "From a fork.", "--full", str(full)]) == 0
    out = capsys.readouterr().out
    assert out == full.read_text()
    assert out.splitlines()[2] == "> From a fork."


@pytest.mark.parametrize("text", ["", "{", "[1]"])
def test_a_file_that_is_no_preview_is_one_line(tmp_path: Path, capsys, text: str):
    (tmp_path / "p.json").write_text(text)
    assert main.main(["comment", str(tmp_path / "p.json")]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_a_missing_file_is_one_line(capsys):
    assert main.main(["comment", "/no/such.json"]) == 1
    assert "cannot read the preview /no/such.json: No such file" in capsys.readouterr().err
