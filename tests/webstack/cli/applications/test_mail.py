"""An application that sends mail by SMTP is told which variable names the server."""

from __future__ import annotations

import pytest

from tests.webstack.cli.applications.trees import DJANGO, FLASK, SETTINGS, found, words

MODULE = "webstack_settings.py"
VIEWS = "from django.core.mail import send_mail\n"


def test_a_django_project_gets_a_variable_for_its_mail_server():
    application = found({**DJANGO, "shop/views.py": VIEWS})
    assert "add outbound: true and environment: {EMAIL_HOST: smtp.example.com}" in words(
        application
    )
    assert 'if "EMAIL_HOST" in os.environ:' in application.files[MODULE]


def test_one_that_reads_a_variable_of_its_own_keeps_it():
    own = f'{SETTINGS}EMAIL_HOST = os.environ.get("MAIL_SERVER", "localhost")\n'
    application = found({**DJANGO, "shop/settings.py": own})
    assert "environment: {MAIL_SERVER: smtp.example.com}" in words(application)
    assert "EMAIL_HOST" not in application.files[MODULE]


@pytest.mark.parametrize(
    "files",
    [
        DJANGO,
        {
            **DJANGO,
            "shop/views.py": VIEWS,
            "shop/settings.py": f'{SETTINGS}EMAIL_BACKEND = "mails.Console"\n',
        },
        FLASK,
    ],
)
def test_nothing_is_said_where_no_mail_goes_by_smtp(files):
    application = found(files)
    assert "mail" not in words(application)
    assert "EMAIL_HOST" not in application.files.get(MODULE, "")


def test_flask_s_extensions_are_known():
    app = f'import os\nSERVER = os.environ.get("MAIL_SERVER")\n{FLASK["app.py"]}'
    application = found({**FLASK, "app.py": app, "requirements.txt": "flask\nFlask-Mail\n"})
    assert "environment: {MAIL_SERVER: smtp.example.com}" in words(application)
