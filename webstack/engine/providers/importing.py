"""Lets one thread at a time import code for the first time.

Two that import packages of one circle at once each wait for a module of the other's. Python ends
that by handing out a module that is not whole yet.
"""

from __future__ import annotations

import threading
from typing import Final

ONE_AT_A_TIME: Final = threading.RLock()
"""Held by a provider while it imports an SDK, or the code that a resource carries."""
