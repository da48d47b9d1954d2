"""Serves the docker package through the Docker daemon API, as Pulumi's provider does."""

from webstack.engine.providers.docker.functions import FUNCTIONS
from webstack.engine.providers.docker.provider import RESOURCES, DockerProvider

__all__ = ["FUNCTIONS", "RESOURCES", "DockerProvider"]
