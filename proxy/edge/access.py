"""Decides who is let in to a service, and how often, and how much at once, one client may ask.

Both are checked for the client's own address: behind a trusted proxy, for what that says.
"""

from proxy.site import Rate, RoutedService, Site
from proxy.syntax import Node, block, directive, group, when
from proxy.variables import EMPTY

TOO_MANY = 429


def access_tables(site: Site) -> Node:
    """Declare whom each service refuses, and the counts of those with a limit.

    Whoever asks from within the network of the listener, as `up` and `status` do, is let in.
    """
    return group(
        *(_refused(each) for each in site.backends if each.allow or each.deny),
        *(_counted(each, each.rate) for each in site.backends if each.rate),
        *(_under_way(each) for each in site.backends if each.connections),
    )


def access_check(backend: RoutedService) -> Node:
    """Answer 403 to whoever the service refuses. Each of its locations needs this."""
    if not (backend.allow or backend.deny):
        return group()
    return when(_variable(backend), directive("return", 403))


def counted_for(backend: RoutedService) -> Node:
    """Count this request for its client; locations inside inherit the limit, but not for whom."""
    if not (backend.rate or backend.connections):
        return group()
    return directive("set", "$asking", "$binary_remote_addr")


def rate_limit(backend: RoutedService) -> Node:
    """Answer 429 to a client that asks more often than it may."""
    rate = backend.rate
    if not rate:
        return group()
    burst = [f"burst={rate.burst}", "nodelay"] if rate.burst else []
    return group(
        directive("limit_req", f"zone=rate-{backend.name}", *burst),
        directive("limit_req_status", TOO_MANY),
    )


def connection_limit(backend: RoutedService) -> Node:
    """Let one client have no more requests under way than it may."""
    return directive("limit_conn", _zone(backend), backend.connections)


def _under_way(backend: RoutedService) -> Node:
    return directive("limit_conn_zone", "$asking", f"zone={_zone(backend)}:1m")


def _zone(backend: RoutedService) -> str:
    return f"connections-{backend.name}"


def _refused(backend: RoutedService) -> Node:
    """Find the narrowest network that an address is in: it decides."""
    rows = {"default": "1" if backend.allow else EMPTY, "127.0.0.1": EMPTY}
    rows |= dict.fromkeys(backend.allow, EMPTY) | dict.fromkeys(backend.deny, "1")
    return block(
        f"geo {_variable(backend)}",
        *(directive(network, value) for network, value in rows.items()),
    )


def _counted(backend: RoutedService, rate: Rate) -> Node:
    return directive(
        "limit_req_zone", "$asking", f"zone=rate-{backend.name}:1m", f"rate={rate.requests}r/s"
    )


def _variable(backend: RoutedService) -> str:
    return f"$refused_by_{backend.identifier}"
