import os
from unittest import mock

import django
import pytest
import werkzeug.test

VARIABLES = {
    "ENVIRONMENT": "production",
    "DEBUG": "0",
    "HTTPS": "0",
    "ALLOWED_HOSTS": "testserver",
    "SECRET_KEY": "a key for tests, longer than the shortest",
    "DATABASE_URL": "sqlite://:memory:",
    "WEBSTACK_SERVICE": "django",
    "STATIC_ROOT": "",
    "STATIC_MANIFEST": "",
    "DJANGO_SETTINGS_MODULE": "website.settings",
}

# Django reads its settings once, here; what other tests share with it stays as it is.
with mock.patch.dict(os.environ, VARIABLES), mock.patch("logging.config.dictConfig"):
    django.setup()


@pytest.fixture(scope="session")
def database():
    """Make the test database of this run, and migrate it."""
    from django.test.utils import (
        setup_databases,
        setup_test_environment,
        teardown_databases,
        teardown_test_environment,
    )

    setup_test_environment()
    made = setup_databases(verbosity=0, interactive=False)
    yield
    teardown_databases(made, verbosity=0)
    teardown_test_environment()


@pytest.fixture
def client(database):
    """Give a browser on the site; whatever it writes is rolled back."""
    from django.db import transaction
    from django.test import Client

    with transaction.atomic():
        yield Client(enforce_csrf_checks=True)
        transaction.set_rollback(True)


@pytest.fixture
def ask(client):
    """Ask the application that gunicorn runs, under a prefix, which Django's client cannot do."""
    from django.urls import clear_script_prefix

    from website.wsgi import application

    def get(path, prefix=""):
        return werkzeug.test.Client(application).get(path, base_url=f"http://testserver{prefix}")

    yield get
    clear_script_prefix()
