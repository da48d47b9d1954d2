"""The one way to a Docker daemon, for the program and the engine: so far build contexts."""
