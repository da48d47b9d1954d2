"""The docker package's resources on the Docker daemon's API, as the Pulumi provider has them."""

from webstack.engine.providers.docker.functions import FUNCTIONS
from webstack.engine.providers.docker.provider import RESOURCES, DockerProvider

__all__ = ["FUNCTIONS", "RESOURCES", "DockerProvider"]
