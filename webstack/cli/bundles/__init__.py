"""Bundles: a release as one file, for machines without a network."""
