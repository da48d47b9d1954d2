import flask_migrate
import pytest

from notes import create_app
from notes.database import db
from webstack_service import environment

VARIABLES = {
    "ENVIRONMENT": "production",
    "ALLOWED_HOSTS": "localhost",
    "SECRET_KEY": "a key for tests, longer than the shortest",
    "WEBSTACK_SERVICE": "flask",
    "WEBSTACK_RELEASE": "r1",
}


@pytest.fixture
def make_app(tmp_path):
    """Give a function that makes an application for changed variables, without a schema."""
    made = []

    def make(**changes):
        variables = {**VARIABLES, "DATABASE_URL": f"sqlite:///{tmp_path}/notes.sqlite3", **changes}
        made.append(create_app(environment.read(variables)))
        return made[-1]

    yield make
    for app in made:
        with app.app_context():
            db.engine.dispose()


@pytest.fixture
def app(make_app):
    """Make the application of production, with a migrated database."""
    app = make_app()
    with app.app_context():
        flask_migrate.upgrade()
    return app


@pytest.fixture
def client(app):
    return app.test_client()
