"""The addresses of the samples, and how often a page is looked at."""

from __future__ import annotations

import pytest
from services.tests import samples
from services.tests.samples import Sample


def _served(package: str) -> Sample:
    found = samples.served(package)
    assert found, "without it, these tests are not collected"
    return found


NOTES, GUESTBOOK = _served(samples.NOTES), _served(samples.GUESTBOOK)

# What the debug toolbars have no part in is tried as visitors meet it, once.
plain_only = pytest.mark.parametrize("site", ["plain"], indirect=True, scope="session")
