"""The engine's values: resources, property values, steps, events, and what a provider is."""
