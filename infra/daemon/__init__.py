"""What the program and its release step ask of the Docker daemon."""
