"""The moment of a restore is clear, or the user is asked for it again."""

from __future__ import annotations

import pytest

from webstack.cli.deployments.backups import at
from webstack.cli.terminal.errors import OpsError
from webstack.cli.terminal.moments import moment


@pytest.mark.parametrize("text", ["2026-12-24T18:00:00Z", "2026-12-24T19:00:00+01:00"])
def test_a_moment_is_told_to_the_server_with_its_zone(text: str):
    kind, target, action = at(moment(text))
    assert kind == "--type=time"
    assert target == "--target=2026-12-24 18:00:00.000000+0000"
    assert action == "--target-action=promote"


@pytest.mark.parametrize("text", ["yesterday", "2026-12-24T18:00:00", "2026-13-01T00:00:00Z"])
def test_a_moment_without_a_zone_is_none(text: str):
    with pytest.raises(OpsError, match="is no moment; write one such as"):
        moment(text)
