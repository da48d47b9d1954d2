"""Reads the logins that the Docker CLI keeps, in its file or a credential helper."""

from __future__ import annotations

from webstack.engine.model.provider import ProviderError
from webstack.engine.providers.docker.registry.credentials import Login


def cli_login(registry: str, config_file: str | None) -> Login | None:
    """Ask the Docker CLI's configuration, or the named file, for a registry's login."""
    # Importing the SDK takes a tenth of a second, and only pulls and pushes come here.
    from docker import auth
    from docker.errors import DockerException

    try:
        found = auth.resolve_authconfig(auth.load_config(config_file), registry)
    except DockerException as error:
        raise ProviderError(f"the Docker login for {registry} cannot be read") from error
    if not found:
        return None
    token = found.get("IdentityToken") or found.get("identitytoken") or ""
    username = found.get("Username") or found.get("username") or ""
    password = found.get("Password") or found.get("password") or ""
    return Login(registry, username, password, token)
