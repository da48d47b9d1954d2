"""How a service lives in its container: settings, logs, CPU limit, health.

Every Python service keeps its own copy, because a service's folder is the whole of its build.
"""
