"""The Python SDK of Pulumi, imported late, and its wire format."""
