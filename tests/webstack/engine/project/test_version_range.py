"""Ranges of versions are read as the Pulumi CLI reads them."""

from __future__ import annotations

import pytest
from semver import Version

from webstack.engine.model.errors import ProjectError
from webstack.engine.project import version_range


@pytest.fixture(autouse=True)
def engine(monkeypatch):
    monkeypatch.setattr(version_range, "_engine_version", lambda: Version.parse("3.272.1"))


@pytest.mark.parametrize(
    "range_",
    [
        "",
        ">=3.1.0 <4.0.0",
        ">= 3.1.0   < 4.0.0",
        ">3.272.0",
        "3.272.1",
        "=3.272.1",
        "==v3.272.1",
        "!3.272.0 !=3.200.0",
        "<3.0.0 || >=3.272.1",
        "3.x",
        "3.272.x",
        "3.x.x",
        ">=3.272.x",
        "<=3.x",
        "<4.x",
        ">2.x",
        "!4.x",
        ">=3.0.0-beta.1",
    ],
)
def test_the_engine_is_in(range_):
    version_range.require(range_, "here")


@pytest.mark.parametrize(
    "range_",
    [
        ">=4.0.0",
        ">=3.1.0 <3.272.1",
        "<3.0.0 || >3.272.1",
        "!3.272.1",
        "4.x",
        "3.271.x",
        ">3.x",
        "<3.272.x",
        "!=3.x",
    ],
)
def test_the_engine_is_not_in(range_):
    with pytest.raises(ProjectError, match=r"^here asks for Pulumi .*stands for 3\.272\.1"):
        version_range.require(range_, "here")


@pytest.mark.parametrize("range_", ["new", ">=3", ">=3.1", "~3.1.0", "=>3.1.0", "3.1.0 ||", "3..1"])
def test_what_is_no_range_is_refused(range_):
    with pytest.raises(ProjectError, match=r"^here: .* is no range"):
        version_range.require(range_, "here")
