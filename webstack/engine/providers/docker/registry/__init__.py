"""Reads image names, logins and digests of registries."""
