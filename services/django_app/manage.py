#!/usr/bin/env python3
"""Django's commands for this site."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "website.settings")
    # A command is one thread: it needs one connection, and no pool that has to be closed.
    os.environ.pop("DATABASE_POOL", None)
    execute_from_command_line(sys.argv)
