"""Tests of the samples go with the samples: where one is missing, its tests are not collected."""

from services.tests import samples

BOTH = [samples.served(samples.NOTES), samples.served(samples.GUESTBOOK)]
# The first hour is told with the samples as they come.
AS_THEY_COME = [("flask", ""), ("django", "/django")]

collect_ignore = []
if not samples.folders():
    collect_ignore.append("test_images.py")
if not all(BOTH):
    collect_ignore.append("browser")
if [(each.name, each.path) for each in BOTH if each] != AS_THEY_COME:
    collect_ignore.append("test_tutorial.py")
