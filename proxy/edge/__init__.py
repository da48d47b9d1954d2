"""Lies between clients and routes: TLS, who asks, what is let in, what is kept."""
