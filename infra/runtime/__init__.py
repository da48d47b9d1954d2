"""Resources of pulumi-docker, made from values: containers, networks, volumes, images."""
