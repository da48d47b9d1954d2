#!/usr/bin/python3
"""webstack-announce SECONDS: make clients leave their idle connections, ahead of a reload.

A reload within that time need not wait for them again; without one all is as before after it.
"""

import sys
import time

from webstack_closing import (  # type: ignore[import-not-found]  # beside this file
    announce,
    withdraw,
)


def main() -> None:
    """Announce, wait, withdraw."""
    flag = announce()
    time.sleep(float(sys.argv[1]))
    withdraw(flag)


if __name__ == "__main__":
    main()
