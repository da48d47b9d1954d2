"""Defines the engine's values: resources, properties, steps, events, and the provider protocol."""
