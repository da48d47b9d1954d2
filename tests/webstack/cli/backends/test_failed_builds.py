"""The CLI's events of a failed build lead to a way out."""

from __future__ import annotations

import json

import pytest

from webstack.cli.backends.failed_builds import IMAGE, advised

URN = f"urn:pulumi:dev::webstack::{IMAGE}::shop"
REFUSED = (
    'Get "https://registry.example.com/v2/": dial tcp: lookup registry.example.com: no such host'
)
ARGUMENTS = {"PYTHON": "webstack/python:1", "UID": "20100"}


def planned(urn=URN, **build):
    made = {"dockerfile": "../shop/Dockerfile", "args": ARGUMENTS, **build}
    new = {"inputs": {"build": made}}
    return {"resourcePreEvent": {"metadata": {"type": IMAGE, "urn": urn, "new": new}}}


def failed(message, urn=URN, severity="error"):
    return {"diagnosticEvent": {"urn": urn, "message": message, "severity": severity}}


@pytest.fixture
def told(tmp_path):
    def told(*events):
        file = tmp_path / "events"
        file.write_text("".join(f"{json.dumps(event)}\n" for event in events))
        return list(advised(file, tmp_path / "infra", {"webstack/python:1"}.intersection))

    return told


def test_an_image_that_no_registry_gave_is_told_the_one_that_is_there(told):
    assert told({"sequence": 1}, planned(), failed(f"<{{%reset%}}>{REFUSED}\nmore")) == [
        "image shop: ../shop/Dockerfile: `FROM ${PYTHON}`, below `ARG PYTHON`, starts from an "
        "image that is there already"
    ]


def test_what_nobody_knows_a_way_out_of_gets_no_line(told):
    assert told(planned(), failed("exit code: 1")) == []
    assert told(planned(), failed(REFUSED, severity="info")) == []
    assert told(planned(), failed(REFUSED, urn="urn:pulumi:dev::webstack::other::x")) == []
    assert told(failed(REFUSED)) == []


def test_a_dockerfile_is_read_where_the_failure_may_lie_in_it(told, tmp_path):
    (tmp_path / "Dockerfile").write_text("FROM a\nRUN <<EOF\ndate\nEOF\n")
    (tmp_path / "infra").mkdir()
    said = told(planned(dockerfile="../Dockerfile"), failed("unknown instruction: DATE"))
    assert ["needs Docker 23.0 or later" in line for line in said] == [True]


def test_a_log_that_is_cut_or_no_json_is_read_as_far_as_it_goes(tmp_path):
    file = tmp_path / "events"
    file.write_bytes(b"\xff{}\n[1]\n{\n" + json.dumps(planned()).encode()[:50])
    assert list(advised(file, tmp_path, list)) == []
