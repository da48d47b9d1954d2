from __future__ import annotations

import pytest

from webstack.cli.projects import versions
from webstack.cli.terminal.errors import OpsError


@pytest.mark.parametrize(("present", "wanted"), [("0.9.0", "0.10.0"), ("0.3.0", "1.0.0")])
def test_a_newer_version_is_one_by_its_numbers(present: str, wanted: str):
    versions.check_step(present, wanted)


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ("0.3.0", "runs on version 0.3.0 already"),
        ("0.2.9", "runs on version 0.3.0, and 0.2.9 is older; to go back"),
        ("latest", "latest is no version"),
        ("0.3", r"0\.3 is no version"),
    ],
)
def test_what_is_no_newer_version_is_refused(wanted: str, said: str):
    with pytest.raises(OpsError, match=said):
        versions.check_step("0.3.0", wanted)
