"""Serves a Python application in a container: gunicorn, logs, CPU limit, health, environment.

It stands in the image that services start from. It imports the standard library alone, and gunicorn
where gunicorn runs it.
"""

__version__ = "1.1.0"
