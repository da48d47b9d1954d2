"""Looks at what a stack has on the Docker daemon: containers, images, static files, logs."""
