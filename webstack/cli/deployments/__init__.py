"""What several commands do with what is deployed: update it, take it away, look at it."""
