"""Image registries: names, logins, digests."""
