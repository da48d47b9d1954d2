"""The Docker daemon's API: where it is, how to reach it, what it answers."""
