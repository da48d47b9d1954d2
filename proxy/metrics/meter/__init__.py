"""Counts the requests that nginx has answered, by service, release, kind of route and status."""
