"""The pages of the site itself, and what all templates know."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.views.decorators.http import require_safe


@require_safe
def front(request: HttpRequest) -> HttpResponse:
    """Greet; needs no database, so it works from the first second."""
    return render(request, "website/front.html")


@require_safe
def favicon(_request: HttpRequest) -> HttpResponse:
    """Lead browsers that ask without being told, as they do beside JSON, to the picture."""
    return redirect(static("website/picture.svg"))


def about_service(_request: HttpRequest) -> dict[str, str]:
    """Let every template name the service and its release."""
    return {"service": settings.ENVIRONMENT.service, "release": settings.ENVIRONMENT.release}
