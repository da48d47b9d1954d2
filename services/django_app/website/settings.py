"""Django's settings, from the environment's."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from website import cache, database, debugging
from webstack_service import environment, logs

HERE = Path(__file__).parent
ENVIRONMENT = environment.load(["DATABASE_URL"])
TOOLBAR = ENVIRONMENT.debug and find_spec("debug_toolbar") is not None

DEBUG = ENVIRONMENT.debug
SECRET_KEY = ENVIRONMENT.secret_key
ALLOWED_HOSTS = list(ENVIRONMENT.allowed_hosts)
ROOT_URLCONF = "website.urls"
WSGI_APPLICATION = "website.wsgi.application"
DATABASES = {
    "default": database.for_django(ENVIRONMENT.database_url, os.environ.get(database.POOL))
}
CACHE_URL = os.environ.get(cache.URL)
CACHES = {"default": cache.for_django(ENVIRONMENT.service, CACHE_URL)}
SESSION_ENGINE = cache.sessions(CACHE_URL)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "website",
    "guestbook",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    *(["debug_toolbar"] if TOOLBAR else []),
]
MIDDLEWARE = [
    "website.health.answer_health",
    "website.proxy.behind_proxy",
    "django.middleware.security.SecurityMiddleware",
    "website.headers.content_policy",
    *(["debug_toolbar.middleware.DebugToolbarMiddleware"] if TOOLBAR else []),
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

# Cached in production only: a changed template shows at once in development.
_FOUND_IN_APPS = "django.template.loaders.app_directories.Loader"
_LOADER: Any = (
    _FOUND_IN_APPS if DEBUG else ("django.template.loaders.cached.Loader", [_FOUND_IN_APPS])
)
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {
            "loaders": [_LOADER],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "website.pages.about_service",
            ],
        },
    }
]

STATIC_URL = "/static/"
STATIC_ROOT = ENVIRONMENT.static_root
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "website.static_files.HashedFiles"
        if ENVIRONMENT.static_manifest
        else "website.static_files.PlainFiles"
    },
}

# Cookies carry the service's name, so that two sites on one host keep apart.
SESSION_COOKIE_NAME = f"{ENVIRONMENT.service}_session"
CSRF_COOKIE_NAME = f"{ENVIRONMENT.service}_csrf"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# nginx ends TLS and says how the browser came; only nginx reaches the socket.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = ENVIRONMENT.https
SESSION_COOKIE_SECURE = ENVIRONMENT.https
CSRF_COOKIE_SECURE = ENVIRONMENT.https
# How long browsers shall stay at https is said by the proxy, for all services of the host.
SILENCED_SYSTEM_CHECKS = ["security.W004"]
# Browsers ignore it over http, and complain.
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin" if ENVIRONMENT.https else None

_RULES = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"{_RULES}.UserAttributeSimilarityValidator"},
    {"NAME": f"{_RULES}.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": f"{_RULES}.CommonPasswordValidator"},
    {"NAME": f"{_RULES}.NumericPasswordValidator"},
]

LANGUAGE_CODE = "en-gb"
USE_I18N = False
TIME_ZONE = "UTC"
USE_TZ = True

LOGGING = logs.configuration()

if TOOLBAR:
    CACHES |= debugging.CACHES
    DEBUG_TOOLBAR_CONFIG = debugging.TOOLBAR
