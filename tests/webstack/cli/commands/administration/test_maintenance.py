"""The named services are taken out, or all of them."""

import pytest

from webstack.cli.commands.administration.maintenance import services
from webstack.cli.terminal.errors import OpsError


def test_all_or_those_that_are_named():
    assert services(None, {"shop": {}, "blog": {}}, "dev") == ["blog", "shop"]
    assert services(["shop", "shop"], ["shop", "blog"], "dev") == ["shop"]


def test_what_is_not_there_is_refused():
    with pytest.raises(OpsError, match="dev has no service shp"):
        services(["shp"], ["shop"], "dev")
    with pytest.raises(OpsError, match="dev has no release"):
        services(None, {}, "dev")
