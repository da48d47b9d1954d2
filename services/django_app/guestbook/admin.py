"""Moderation."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from guestbook.models import Entry


@admin.register(Entry)
class EntryAdmin(admin.ModelAdmin):
    """Find entries, and hide or show many at once."""

    list_display = ["name", "message", "created_at", "hidden"]
    list_filter = ["hidden", "created_at"]
    search_fields = ["name", "message"]
    actions = ["hide", "show"]

    @admin.action(description="Hide the selected entries")
    def hide(self, _request: HttpRequest, entries: QuerySet[Entry]) -> None:
        """Take entries off the page."""
        entries.update(hidden=True)

    @admin.action(description="Show the selected entries")
    def show(self, _request: HttpRequest, entries: QuerySet[Entry]) -> None:
        """Put entries back on the page."""
        entries.update(hidden=False)
