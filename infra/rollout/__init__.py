"""How a release goes live, and what it asks of new containers before."""
