"""What the machine needs before anything runs: virtual environment and Docker daemon."""
