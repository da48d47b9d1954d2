"""Names the paths inside the proxy's container, for the image, nginx.conf and infra."""

from webstack.contract import container_paths
from webstack.contract.static_paths import STATIC_PATH, static_name

CONFIGURATION_DIRECTORY = "/etc/webstack"
CONFIGURATION = container_paths.CONFIGURATION
ERROR_PAGES_DIRECTORY = "/usr/share/webstack/errors"
LOGINS_DIRECTORY = f"{CONFIGURATION_DIRECTORY}/logins"
LINKS_DIRECTORY = container_paths.LINKS_DIRECTORY
SOCKETS_DIRECTORY = container_paths.SOCKETS_DIRECTORY
STATIC_DIRECTORY = container_paths.STATIC_DIRECTORY
MEDIA_DIRECTORY = "/srv/media"
SPOOL_DIRECTORY = "/var/spool/webstack"
LOG_DIRECTORY = "/var/log/webstack"
# webstack-listen turns it over, and webstack-log reads it.
ACCESS_LOG = f"{LOG_DIRECTORY}/access.log"
MAINTENANCE_DIRECTORY = container_paths.MAINTENANCE_DIRECTORY

# Each file has a key and the chain of its certificate, so that both change in one rename.
CERTIFICATES_DIRECTORY = container_paths.CERTIFICATES_DIRECTORY
CERTIFICATES_STATUS = container_paths.CERTIFICATES_STATUS
SITE_CERTIFICATE = "site"
CHALLENGES_DIRECTORY = f"{CERTIFICATES_DIRECTORY}/challenges"
# Of session tickets: the first encrypts, both decrypt.
TICKET_KEYS = tuple(f"{CONFIGURATION_DIRECTORY}/tickets.{age}.key" for age in ("new", "old"))

# The listener listens on this port of its own, and lends its socket at a unix socket below.
PORT = container_paths.PORT
TLS_PORT = container_paths.TLS_PORT
FRONT_DIRECTORY = "/run/webstack/front"

# Requests are told here to what counts them; in memory.
REQUESTS_DIRECTORY = "/run/webstack/requests"
REQUESTS_SIZE = 16

RUNTIME_DIRECTORY = "/run/nginx"
UPSTREAMS_DIRECTORY = f"{RUNTIME_DIRECTORY}/upstreams"
HEALTH_SOCKET = f"{RUNTIME_DIRECTORY}/health.sock"
HEALTH_PATH = "/healthz"
STATUS_PATH = "/status"
LOADED_CONFIGURATION = container_paths.LOADED_CONFIGURATION
# nginx also says there why it refuses a reload, for `webstack-reload`.
REFUSALS = f"{RUNTIME_DIRECTORY}/refusals.log"
CLOSING_FLAG = f"{RUNTIME_DIRECTORY}/closing"
GATE_SOCKET = f"{RUNTIME_DIRECTORY}/gate.sock"
# nginx does not see a socket as a file that exists.
GATE_FLAG = f"{RUNTIME_DIRECTORY}/gate"


def cache(service: str) -> str:
    """Name the directory, in memory of its own, that keeps answers of a service.

    nginx makes it where there is none: the one that follows may start on this configuration.
    """
    return f"{container_paths.CACHES}{service}"


def cache_full(service: str) -> str:
    """Name the file that is there while that memory has no room."""
    return f"{RUNTIME_DIRECTORY}/full-{service}"


def cache_generation(service: str, bit: int) -> str:
    """Name the file that is there while a bit of the cache's generation is set."""
    return f"{RUNTIME_DIRECTORY}/generation-{service}.{bit}"


def logins(service: str) -> str:
    """Name the file with the names and hashed passwords of those who may log in to a service."""
    return f"{LOGINS_DIRECTORY}/{service}"


def link(service: str, replica: int) -> str:
    """Name the symbolic link that decides which socket serves one replica of a service."""
    return f"{LINKS_DIRECTORY}/{service}-{replica}.sock"


def upstream(service: str, replica: int) -> str:
    """Name what nginx connects to: the socket to which the replica's link leads."""
    return f"{UPSTREAMS_DIRECTORY}/{service}-{replica}.sock"


def handoff_socket(published: int) -> str:
    """Name the unix socket at which the listener of a published port lends its listening socket."""
    return f"{FRONT_DIRECTORY}/{published}.sock"


def sockets(service: str) -> str:
    """Name the directory where the proxy sees the sockets of a service."""
    return f"{SOCKETS_DIRECTORY}/{service}"


def static(service: str, path: str = STATIC_PATH) -> str:
    """Name the directory that holds static files of a service, of all kept releases."""
    return f"{STATIC_DIRECTORY}/{static_name(service, path)}"


def media(service: str, volume: str) -> str:
    """Name the directory where the proxy sees a volume of a service that has media in it."""
    return f"{MEDIA_DIRECTORY}/{service}/{volume}"
