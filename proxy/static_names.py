"""Decides which names of static files carry their content, so that browsers keep them for ever."""

import re
from typing import Final

# Eight or more hex digits that stand alone or before extensions: css/app.55e7cbb9ba48.css. A letter
# is among them, since days and numbers have none: report-20240131.pdf. A hash without letters is
# rare (one of 280 with twelve digits), and its file is then only asked for again at each use.
HASHED: Final = "(.*[/.-])?(?=[0-9]*[a-f])[0-9a-f]{8,64}([.][A-Za-z0-9]+)*"

_HASHED: Final = re.compile(HASHED, re.DOTALL)


def is_hashed(name: str) -> bool:
    """Tell whether a file name below its service folder contains a hash of its content."""
    return _HASHED.fullmatch(name) is not None
