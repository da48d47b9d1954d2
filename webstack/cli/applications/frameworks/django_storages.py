"""Has a Django project name its files below whatever path a request came by.

Django itself keeps the path of the first request that a process got. One process may serve a host
and a path, or be asked for its health before anything else.
"""

from __future__ import annotations

from collections.abc import Iterator

from webstack.cli.applications.frameworks.django_project import DjangoProject

MODULE = "webstack_storage"
TEXT = '''\
"""Names files below the path that a request came by; the rest is as the project's own storages."""

from django.conf import settings
from django.core.files.storage import FileSystemStorage
from django.urls import get_script_prefix
from django.utils.module_loading import import_string


class StaticFiles(import_string(settings.STATIC_STORAGE)):
    base_url = property(lambda self: get_script_prefix() + settings.STATIC_BELOW)


class Media(FileSystemStorage):
    base_url = property(lambda self: get_script_prefix() + settings.MEDIA_BELOW)
'''
_LEGACY = ("STATICFILES_STORAGE", "DEFAULT_FILE_STORAGE")
_DJANGOS_OWN = """\
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}"""


def applies(project: DjangoProject) -> bool:
    """Tell whether its storages are named by STORAGES or Django's own; older words stay."""
    return not any(name in project.values for name in _LEGACY)


def lines(project: DjangoProject) -> Iterator[str]:
    """Write the settings that put the storages in front of the project's own."""
    yield ""
    if "STORAGES" not in project.values:
        yield _DJANGOS_OWN
    yield "# Addresses of files follow the path that each request came by."
    yield 'STATIC_STORAGE = STORAGES["staticfiles"]["BACKEND"]'
    yield "STATIC_BELOW = STATIC_URL"
    yield f'STORAGES["staticfiles"] |= {{"BACKEND": "{MODULE}.StaticFiles"}}'
    if "MEDIA_ROOT" in project.values:
        yield "MEDIA_BELOW = MEDIA_URL"
        yield 'if STORAGES["default"]["BACKEND"].endswith(".FileSystemStorage"):'
        yield f'    STORAGES["default"] |= {{"BACKEND": "{MODULE}.Media"}}'
