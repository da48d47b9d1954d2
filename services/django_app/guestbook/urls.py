"""The guestbook's address."""

from django.urls import path

from guestbook.views import guestbook

urlpatterns = [path("", guestbook, name="guestbook")]
