"""Takes services out for maintenance: while their files are there, a page says so.

Releases leave the files alone. Whoever asks from within the network of the listener, as `up` and
`status` do, is let through: no client has that address.
"""

from proxy.paths import MAINTENANCE_DIRECTORY, RUNTIME_DIRECTORY
from proxy.site import RoutedService
from proxy.syntax import Node, directive, when
from proxy.variables import table


def maintenance_table() -> Node:
    """Declare where nginx looks for the files."""
    return table(
        "$realip_remote_addr",
        "$maintenance",
        {"default": MAINTENANCE_DIRECTORY, "127.0.0.1": f"{RUNTIME_DIRECTORY}/none"},
        note="Services that are out for maintenance.",
    )


def maintenance_check(backend: RoutedService) -> Node:
    """Answer 503 while the service is out."""
    return when(f"-f $maintenance/{backend.name}", directive("return", 503))
