"""Asks for a name and a password, for services that not everybody is to see yet.

nginx reads the file with the hashed passwords at each request. Whoever asks from within the network
of the listener, as `up` and `status` do, is let in: no client has that address.
"""

from proxy.paths import logins
from proxy.site import RoutedService, Site
from proxy.syntax import Node, directive, group, quoted
from proxy.variables import EMPTY, table

_REALM = "$login_realm"
_PASSED = "$passed_authorization"


def login_tables(site: Site) -> Node:
    """Declare who is asked, and which services get no password; nothing where none asks."""
    asking = sorted(each.name for each in site.backends if each.login)
    if not asking:
        return group()
    return group(
        table(
            "$realip_remote_addr",
            _REALM,
            {"default": quoted("Log in"), "127.0.0.1": "off"},
            note="Services that ask for a name and a password, which are not passed on.",
        ),
        table(
            "$service",
            _PASSED,
            {"default": "$http_authorization", **dict.fromkeys(asking, EMPTY)},
        ),
    )


def without_passwords(site: Site) -> dict[str, str]:
    """Give the header that keeps passwords of such services from them."""
    asks = any(each.login for each in site.backends)
    return {"Authorization": _PASSED} if asks else {}


def login_check(backend: RoutedService) -> Node:
    """Answer 401 to whoever does not log in. Each location that answers for the service needs it.

    Those inside of one inherit it.
    """
    if not backend.login:
        return group()
    return group(
        directive("auth_basic", _REALM),
        directive("auth_basic_user_file", logins(backend.name)),
    )
