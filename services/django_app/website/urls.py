"""The addresses of the site, all relative to the prefix it is served under."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from website import pages

handler500 = "website.errors.failed"
urlpatterns = [
    path("", pages.front, name="front"),
    path("favicon.ico", pages.favicon),
    path("guestbook/", include("guestbook.urls")),
    path("admin/", admin.site.urls),
]

if settings.TOOLBAR:
    from debug_toolbar.toolbar import debug_toolbar_urls

    urlpatterns += debug_toolbar_urls()
