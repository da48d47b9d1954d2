"""Images: building, pulling, tags, registries."""
