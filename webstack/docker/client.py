"""Calls a Docker daemon through the Docker SDK; trusts the authority that the endpoint names."""

from __future__ import annotations

from typing import Any

import docker


class TrustingClient(docker.APIClient):
    """Verifies a daemon by its own authority, whatever requests reads from the environment."""

    def merge_environment_settings(
        self, url: Any, proxies: Any, stream: Any, verify: Any, cert: Any
    ) -> Any:
        """Keep the daemon's own authority; requests would take REQUESTS_CA_BUNDLE instead."""
        trusted = self.verify if verify is None else verify
        return super().merge_environment_settings(url, proxies, stream, trusted, cert)
