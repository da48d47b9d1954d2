"""Names what the command and the program both reach inside containers."""

from __future__ import annotations

from typing import Final

SOCKETS_DIRECTORY: Final = "/run/webstack/sockets"
"""Where nginx sees the sockets of services, in a folder for each."""
MAINTENANCE_DIRECTORY: Final = "/etc/webstack/maintenance"
"""Where a file with the name of a service takes it out of nginx's service."""
LINKS_DIRECTORY: Final = "/run/webstack/links"
"""Where nginx has a symbolic link for each replica, to the socket that serves."""
STATIC_DIRECTORY: Final = "/srv/static"
"""Where nginx has the static files of services, in a folder for each."""
CONFIGURATION: Final = "/etc/webstack/nginx.conf"
"""The configuration of nginx that is in its place."""
LOADED_CONFIGURATION: Final = "/run/nginx/loaded.conf"
"""A copy of the configuration that nginx has loaded."""
TEMPORARY: Final = "/tmp"  # noqa: S108 - of the container, in memory of its own
"""Where programs of a container write what nobody needs later."""
SHARED_MEMORY: Final = "/dev/shm"  # noqa: S108 - of the container, in memory of its own
"""Where processes of a container share memory."""
CRON_STATUS: Final = f"{TEMPORARY}/webstack-cron.json"
"""Where the scheduler of a service writes how its jobs have gone."""
CERTIFICATES_DIRECTORY: Final = "/run/webstack/certificates"
"""Where nginx finds its certificate, and what orders one writes it."""
CERTIFICATES_STATUS: Final = f"{CERTIFICATES_DIRECTORY}/status.json"
"""Where what orders certificates writes how that goes."""
METRICS_SOCKET: Final = f"{TEMPORARY}/meter.sock"
"""Where what counts requests is asked."""
CACHES: Final = "/run/nginx/cache-"
"""How the folders begin, each in memory of its own, where nginx keeps answers of a service."""
PORT: Final = 8080
"""The port on which nginx listens within the network of the listener."""
TLS_PORT: Final = 8443
"""The port on which it listens with TLS, within the network of that listener."""
