"""The guestbook's address."""

from django.urls import path

from guestbook.views import count, guestbook

urlpatterns = [
    path("", guestbook, name="guestbook"),
    path("count", count, name="guestbook-count"),
]
