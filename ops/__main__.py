"""Lets `python -m ops` do what `webstack` does."""

import sys

from ops.cli import main

sys.exit(main())
