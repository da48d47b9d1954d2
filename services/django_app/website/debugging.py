"""Comforts of development; nothing of this is used anywhere else."""

from __future__ import annotations

import tempfile

from django.http import HttpRequest

# What the toolbar collects is asked for by later requests, which other workers may answer.
CACHES = {
    "toolbar": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": f"{tempfile.gettempdir()}/debug-toolbar",
    },
}
TOOLBAR = {
    "SHOW_TOOLBAR_CALLBACK": "website.debugging.show_toolbar",
    "TOOLBAR_STORE_CLASS": "debug_toolbar.store.CacheStore",
    "CACHE_BACKEND": "toolbar",
    "SHOW_COLLAPSED": True,  # it would cover the page on a phone
}


def show_toolbar(_request: HttpRequest) -> bool:
    """Show it to everybody: behind the proxy, a client's address tells nothing."""
    return True
