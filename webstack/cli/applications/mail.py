"""Finds what sends mail by SMTP: nothing in its container listens for it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from webstack.cli.applications.findings import Packages, Unsolved
from webstack.cli.applications.frameworks.django_project import DjangoProject
from webstack.cli.applications.python_code import variables
from webstack.cli.applications.tree import SourceTree

_SENDS = re.compile(
    r"\b(?:send_mail|send_mass_mail|mail_admins|mail_managers|EmailMessage|EmailMultiAlternatives"
    r"|PasswordResetView|django\.contrib\.auth\.urls)\b"
)
_SENDERS = ("django-allauth", "djoser", "dj-rest-auth", "django-registration")
_OF_FLASK = ("flask-mail", "flask-mailman", "flask-mailing", "flask-security-too")
_SMTP = "django.core.mail.backends.smtp.EmailBackend"
_READ = re.compile(r"^(?:DJANGO_|APP_)?(?:EMAIL|MAIL|SMTP)_(?:HOST|SERVER|URL)$")
FROM_ENVIRONMENT = (
    "",
    "# Mail goes by the server that the place names.",
    'if "EMAIL_HOST" in os.environ:',
    '    EMAIL_HOST = os.environ["EMAIL_HOST"]',
    '    EMAIL_PORT = int(os.environ.get("EMAIL_PORT", "587"))',
    "    EMAIL_USE_TLS, EMAIL_USE_SSL = EMAIL_PORT == 587, EMAIL_PORT == 465",
    '    EMAIL_HOST_USER = os.environ.get("EMAIL_HOST_USER", "")',
    '    EMAIL_HOST_PASSWORD = os.environ.get("EMAIL_HOST_PASSWORD", "")',
)
"""Of Django's settings where the project's own name no variable."""


def is_told(project: DjangoProject) -> bool:
    """Tell whether a Django project itself reads its mail server from the environment."""
    return bool(_variable(project.tree, project.read))


def sends(project: DjangoProject, packages: Packages) -> bool:
    """Tell whether a Django project sends mail, and does so by SMTP."""
    said = project.value("EMAIL_BACKEND") if "EMAIL_BACKEND" in project.values else _SMTP
    if isinstance(said, str) and said != _SMTP:
        return False
    asks = any(name in packages for name in _SENDERS) or "EMAIL_HOST" in project.values
    return asks or any(_SENDS.search(project.tree.text(path)) for path in project.tree.python())


def of_django(project: DjangoProject, packages: Packages) -> Iterator[Unsolved]:
    """Say which variable names the mail server of a Django project; nothing where it sends none."""
    if sends(project, packages):
        name = _variable(project.tree, project.read) or "EMAIL_HOST"
        yield _unsolved(name, project.where("EMAIL_BACKEND"))


def of_flask(tree: SourceTree, modules: Sequence[str], packages: Packages) -> Iterator[Unsolved]:
    """Say the same of an application that sends mail by one of Flask's extensions."""
    sender = next((name for name in _OF_FLASK if name in packages), None)
    if sender:
        yield _unsolved(_variable(tree, modules) or "MAIL_SERVER", f"{packages.source}: {sender}")


def _variable(tree: SourceTree, modules: Sequence[str]) -> str:
    """Give the variable by which an application is told of its mail server."""
    read = (each.name for path in modules for each in variables(tree, path))
    return next((name for name in read if _READ.match(name)), "")


def _unsolved(name: str, source: str) -> Unsolved:
    value = "smtp://…" if name.endswith("URL") else "smtp.example.com"
    words = (
        f"it sends mail by SMTP, and its container has no mail server; add outbound: true and "
        f"environment: {{{name}: {value}}}, the password as secret_environment"
    )
    return Unsolved(words, source, name)
