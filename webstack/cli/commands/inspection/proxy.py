"""`proxy`: show nginx's configuration, check it, and see what it does with an address."""

from __future__ import annotations

import re
import secrets
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from webstack.cli.backends import session_setup
from webstack.cli.daemon.containers import plain_errors
from webstack.cli.daemon.nginx import proxied
from webstack.cli.deployments import stack_daemon
from webstack.cli.state.stack_state import StackState
from webstack.cli.terminal.arguments import add_stack_option
from webstack.cli.terminal.errors import OpsError
from webstack.contract import plain_text

_METHOD = re.compile(r"[A-Z]{1,16}")
_HEADER = re.compile(r"([A-Za-z0-9-]{1,64}):[ \t]*([^\x00-\x1f\x7f]{0,4096})")
_TARGET = re.compile(r"[!-~]{1,4096}")


def arguments(parser: ArgumentParser) -> None:
    """Add the command's words and options."""
    add_stack_option(parser)
    parser.add_argument("act", choices=("show", "check", "test"), help="what to do")
    parser.add_argument("address", nargs="?", metavar="URL", help="what test asks for")
    parser.add_argument("--method", default="GET", help="how test asks; GET unless given")
    parser.add_argument(
        "--header", action="append", metavar="'NAME: VALUE'", help="one that test sends; repeatable"
    )


def run(options: Namespace) -> int:
    """Do what is asked; exit code 1 if the configuration or the answer is not as it should be."""
    asked = _asked(options)
    session = session_setup.session_of(options)
    release = StackState(session.records.export()).release()
    if not release.get("proxy"):
        raise OpsError(f"{session.stack} has no release", "run `webstack up`")
    api = stack_daemon.on_docker(session).api
    with plain_errors():
        if asked is not None:
            return _test(api, release, asked)
        if options.act == "check":
            return _check(api, release["proxy"])
        text = proxied.run(api, release["proxy"], "cat", proxied.CONFIGURATION)
    sys.stdout.write(text.decode(errors="replace"))
    return 0


def _asked(options: Namespace) -> proxied.Asked | None:
    """Read what test asks for; None for the others. Raises OpsError for what is no request."""
    if options.act != "test":
        if options.address:
            raise OpsError(f"{options.act} takes no address", "leave it out, or use test")
        return None
    address = options.address or ""
    try:
        split = urlsplit(address)
        well = split.scheme in ("http", "https") and split.hostname and split.port != 0
    except ValueError:
        well = False
    if not (well and _TARGET.fullmatch(address)):
        raise OpsError(
            f"{plain_text.line(address) or 'no address'} is no http address",
            "write one such as http://localhost:8080/shop",
        )
    if not _METHOD.fullmatch(options.method):
        raise OpsError(f"{plain_text.line(options.method)} is no method", "write one such as POST")
    return proxied.Asked(split, options.method, _headers(options.header or ()))


def _headers(said: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for each in said:
        match = _HEADER.fullmatch(each)
        if not match:
            raise OpsError(f"{plain_text.line(each)} is no header", "write 'Accept: text/html'")
        found[match[1]] = match[2]
    return found


def _check(api: Any, proxy: str) -> int:
    """Have nginx judge the configuration in force."""
    try:
        proxied.run(api, proxy, "nginx", "-q", "-t", "-c", proxied.CONFIGURATION)
    except OpsError as error:
        print(f"error: {plain_text.line(str(error))}", file=sys.stderr)
        return 1
    print("nginx takes its configuration.")
    return 0


def _test(api: Any, release: Any, asked: proxied.Asked) -> int:
    request_id = f"webstack-test-{secrets.token_hex(8)}"
    given = proxied.given(api, release, asked, request_id)
    line = None if given.problem else proxied.logged(api, release["proxy"], request_id)
    text = proxied.run(api, release["proxy"], "cat", proxied.CONFIGURATION)
    for each in proxied.told(asked, given, line, text.decode(errors="replace")):
        print(plain_text.line(each))
    return int(bool(given.problem))
