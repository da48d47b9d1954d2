"""Static files under the prefix of the request, and under names that carry their content."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage, StaticFilesStorage
from django.core.files.storage import FileSystemStorage
from django.urls import get_script_prefix


class UnderPrefix:
    """Links below the prefix that this very request came by; STATIC_URL keeps the first."""

    @property
    def base_url(self) -> str:
        """Where static files begin, for the request in hand."""
        return get_script_prefix() + "static/"


class PlainFiles(UnderPrefix, StaticFilesStorage):
    """Files under their own names, for `manage.py runserver` and tests."""


class HashedFiles(UnderPrefix, ManifestStaticFilesStorage):
    """Files under hashed names only, also in debug; the list of names lies beside their folder."""

    support_js_module_import_aggregation = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        manifest = settings.ENVIRONMENT.static_manifest
        self.manifest_name = manifest.name
        super().__init__(
            *args, manifest_storage=FileSystemStorage(location=manifest.parent), **kwargs
        )

    def url(self, name: str, force: bool = True) -> str:
        """Link to the hashed name, whatever DEBUG says."""
        return str(super().url(name, force=True))

    def post_process(self, *args: Any, **kwargs: Any) -> Iterator[tuple[str, str, bool]]:
        """Hash what was collected, then drop the files under their own names."""
        yield from super().post_process(*args, **kwargs)
        for name in self.hashed_files:
            self.delete(name)
