"""The `webstack` command and what `make` needs before it: virtual environment, Docker daemon."""
