"""`open`: open a service in the browser of this machine."""

from __future__ import annotations

import webbrowser
from argparse import ArgumentParser, Namespace

from webstack.cli.backends import session_setup
from webstack.cli.terminal.arguments import add_stack_option
from webstack.cli.terminal.errors import OpsError
from webstack.cli.terminal.summary import services_of


def arguments(parser: ArgumentParser) -> None:
    """Add the command's words and options."""
    add_stack_option(parser)
    parser.add_argument(
        "service", nargs="?", metavar="SERVICE", help="which; the stack unless given"
    )


def run(options: Namespace) -> int:
    """Print the address of a service, and open it where there is a browser."""
    session = session_setup.session_of(options)
    outputs = session.records.outputs()
    urls = {name: str(each.get("url", "")) for name, each in services_of(outputs).items()}
    if options.service is None:
        url = str(outputs.get("url", ""))
    elif options.service in urls:
        url = urls[options.service]
    else:
        there = ", ".join(urls) or "none"
        raise OpsError(f"{session.stack} has no service {options.service}", f"there are: {there}")
    if not url:
        raise OpsError(f"{session.stack} serves nothing", "`webstack up` brings it up")
    print(url)
    webbrowser.open(url)
    return 0
