"""Recognises what an application is made with: Django, Flask and its kin, pages alone."""
