"""Pure decisions: what to do with each resource, and in which order."""
