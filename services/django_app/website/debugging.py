"""Comforts of development."""

from django.conf import settings
from django.http import HttpRequest


def show_toolbar(_request: HttpRequest) -> bool:
    """Show the debug toolbar to everybody, where it is installed."""
    return bool(settings.TOOLBAR)
