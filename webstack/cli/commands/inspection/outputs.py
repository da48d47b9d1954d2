"""`outputs`: print the stack's outputs."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace
from typing import Any

from webstack.cli.backends import session_setup
from webstack.cli.terminal.arguments import add_flag, add_shared, add_stack
from webstack.cli.terminal.json_text import json_text
from webstack.cli.terminal.tables import table


def arguments(parser: ArgumentParser) -> None:
    """Add the command's words and options."""
    add_stack(parser)
    add_flag(parser, "--show-secrets", text="print secret values too")
    add_shared(parser, "--json")


def run(options: Namespace) -> int:
    """Print the stack's outputs."""
    found = session_setup.session_of(options).records.outputs(show_secrets=options.show_secrets)
    if options.json:
        print(json_text(found))
    elif found:
        rows = [(key, _shown(value)) for key, value in sorted(found.items())]
        print(table(("OUTPUT", "VALUE"), rows))
    else:
        print("This stack has no outputs yet; run `webstack up`.", file=sys.stderr)
    return 0


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
