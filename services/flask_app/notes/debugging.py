"""Comforts of development; nothing of this is loaded anywhere else."""

from __future__ import annotations

from importlib.util import find_spec

from flask import Flask
from werkzeug.debug import DebuggedApplication

# All panels but the one that shows the configuration: keys and passwords are in it.
PANELS = (
    "versions.VersionDebugPanel",
    "timer.TimerDebugPanel",
    "headers.HeaderDebugPanel",
    "request_vars.RequestVarsDebugPanel",
    "template.TemplateDebugPanel",
    "sqlalchemy.SQLAlchemyDebugPanel",
    "logger.LoggingPanel",
    "route_list.RouteListDebugPanel",
    "profiler.ProfilerDebugPanel",
    "g.GDebugPanel",
)


def init_app(app: Flask) -> None:
    """Show tracebacks in the browser, and the debug toolbar where it is installed."""
    # Only shown: the console that runs code typed into the page stays off.
    app.wsgi_app = DebuggedApplication(app.wsgi_app, evalex=False)  # type: ignore[method-assign]
    app.config["TEMPLATES_AUTO_RELOAD"] = True
    if find_spec("flask_debugtoolbar"):
        from flask_debugtoolbar import DebugToolbarExtension

        app.config["DEBUG_TB_INTERCEPT_REDIRECTS"] = False
        app.config["DEBUG_TB_PANELS"] = [f"flask_debugtoolbar.panels.{name}" for name in PANELS]
        DebugToolbarExtension(app)
