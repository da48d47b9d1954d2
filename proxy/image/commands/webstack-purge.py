#!/usr/bin/python3
"""webstack-purge SERVICE…: forget all answers that are kept of services; tells which had any."""

import sys

from webstack_cache import services, turn  # type: ignore[import-not-found]  # beside this file

if __name__ == "__main__":
    known = services()
    for service in sys.argv[1:]:
        if service in known:
            turn(service)
            print(service)
