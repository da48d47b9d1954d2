"""A page and a health check: where your application begins."""

from flask import Flask

app = Flask(__name__)


@app.get("/")
def front() -> str:
    """Greet."""
    return "<!doctype html><title>web</title><h1>It works.</h1>\n"


@app.get("/healthz")
def health() -> str:
    """Say that the process answers."""
    return "ok\n"
