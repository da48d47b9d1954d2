"""The page of the guestbook."""

from __future__ import annotations

import logging

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from guestbook.forms import EntryForm
from guestbook.models import Entry

PAGE = 50
COUNTED_SECONDS = 10

log = logging.getLogger(__name__)


@require_http_methods(["GET", "HEAD", "POST"])
def guestbook(request: HttpRequest) -> HttpResponse:
    """Show the newest entries and a form; a good entry leads back to itself in the list."""
    form = EntryForm(request.POST or None)
    if form.is_valid():
        entry = form.save()
        log.info("entry added", extra={"entry": entry.pk})
        return redirect(f"{reverse('guestbook')}#entry-{entry.pk}")
    entries = Entry.objects.filter(hidden=False)[:PAGE]
    status = 422 if form.is_bound else 200
    return render(request, "guestbook/page.html", {"form": form, "entries": entries}, status=status)


@require_safe
async def count(_request: HttpRequest) -> JsonResponse:
    """Say how many entries are shown; the number may be some seconds old."""
    shown = await cache.aget("guestbook.count")
    if shown is None:
        shown = await Entry.objects.filter(hidden=False).acount()
        await cache.aset("guestbook.count", shown, COUNTED_SECONDS)
    return JsonResponse({"entries": shown})
