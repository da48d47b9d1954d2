"""Names the variables by which command, program and containers tell each other things.

Nobody exports the names of handovers: a user's own WEBSTACK_RELEASE, which containers are given,
means nothing to the program.
"""

from typing import Final

RETURNING: Final = "_WEBSTACK_HANDOVER_OF_RELEASE"
"""The path of the record of the release that comes back."""
PROMOTING: Final = "_WEBSTACK_HANDOVER_OF_IMAGES"
"""The images of the stack that is promoted, as JSON."""
DATA_FIRST: Final = "_WEBSTACK_HANDOVER_OF_DATA_FIRST"
"""Set where only what keeps data is declared: it is filled before all else comes up."""
CLAIMING: Final = "_WEBSTACK_HANDOVER_OF_CLAIMS"
"""The volumes that the state has, and whether to take those of others, as JSON."""
BREAKPOINT: Final = "PYTHONBREAKPOINT"
DEBUGGER: Final = "webstack_service.debugger.wait"
"""What Python calls for `breakpoint()` in containers of stacks that are for development."""
