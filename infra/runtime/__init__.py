"""How values become resources of pulumi-docker: containers, networks, volumes, images."""
