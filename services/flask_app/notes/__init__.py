"""A small notes board: a JSON API and the pages that use it."""

from __future__ import annotations

import os

from flask import Flask

from notes import (
    api,
    assets,
    cache,
    config,
    database,
    debugging,
    errors,
    headers,
    health,
    pages,
    proxy,
    seed,
)
from webstack_service.environment import Environment, load

NEEDS = ("DATABASE_URL",)


def create_app(environment: Environment | None = None) -> Flask:
    """Make the application for an environment, the process's own unless given."""
    environment = environment or load(NEEDS)
    files = assets.Assets.find(environment)
    app = Flask(__name__, static_folder=str(files.folder), static_url_path="/static")
    pool, cache_url = os.environ.get(config.POOL), os.environ.get(cache.URL)
    app.config.from_mapping(config.for_flask(environment, pool, cache_url))
    app.session_interface = proxy.PrefixSession()
    app.wsgi_app = proxy.SocketProxyFix(app.wsgi_app)  # type: ignore[method-assign]

    database.init_app(app)
    cache.init_app(app)
    seed.init_app(app)
    files.init_app(app)
    errors.init_app(app)
    app.register_blueprint(health.blueprint)  # before what may turn a request away
    headers.init_app(app, environment)
    app.register_blueprint(api.blueprint)
    app.register_blueprint(pages.blueprint)
    if environment.debug:
        debugging.init_app(app)
    return app
