"""A run as text, as the Pulumi CLI prints it."""
