"""The deployment as values: pure functions from settings to containers and plans."""
