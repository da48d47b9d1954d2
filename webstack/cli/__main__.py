"""Lets `python -m webstack.cli` do what `webstack` does."""

import sys

from webstack.cli.main import main

sys.exit(main())
