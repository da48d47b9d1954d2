"""The docker package's resources on the Docker engine's API, as the Pulumi provider has them."""

from .functions import FUNCTIONS
from .provider import RESOURCES, DockerProvider

__all__ = ["FUNCTIONS", "RESOURCES", "DockerProvider"]
