"""A Django project is recognised by its files, and gets settings for the place where it runs."""

from __future__ import annotations

import ast
import os

import pytest

from tests.webstack.cli.applications.trees import DJANGO, SETTINGS, found, settings, words


def test_a_stock_project_needs_nothing_by_hand():
    application = found(DJANGO)
    assert application.framework == "Django"
    assert settings(application) == {
        "app": "shop.wsgi:application",
        "static": "/srv/static",
        "before_release": ["python3", "manage.py", "migrate", "--noinput"],
        "data": "/data",
        "environment.DJANGO_SETTINGS_MODULE": "webstack_settings",
        "secret_environment.SECRET_KEY": {},
        "health": {"path": "/", "status": ["200-399"]},
    }
    assert application.unsolved == ()
    assert set(application.files) == {
        *("Dockerfile", "webstack_settings.py", "webstack_storage.py", ".dockerignore")
    }


def test_each_finding_says_from_where_it_is():
    sources = {each.key: each.source for each in found(DJANGO).settings}
    assert sources["app"] == "shop/settings.py:5"
    assert sources["data"] == "shop/settings.py:6"


def run(text: str, environment: dict[str, str], **project: object) -> dict[str, object]:
    """Run the written settings on top of these settings of a project; gives the result."""
    lines = [line for line in text.splitlines() if not line.startswith("from shop")]
    given = {"STATIC_URL": "/static/", "DEBUG": True, **project}
    names: dict[str, object] = {**given}
    code = "\n".join(lines).replace("import os", f"class os: environ = {environment!r}", 1)
    exec(compile(ast.parse(code), "settings", "exec"), names)
    return names


def test_the_written_settings_take_hosts_secret_and_folders_from_the_place():
    text = found(DJANGO).files["webstack_settings.py"]
    databases = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "db.sqlite3"}}
    environment = {"ALLOWED_HOSTS": "a.org,.b.org", "SECRET_KEY": "made", "DEBUG": "0"}
    said = run(text, environment, DATABASES=databases)
    assert said["ALLOWED_HOSTS"] == ["a.org", ".b.org"]
    assert (said["SECRET_KEY"], said["DEBUG"]) == ("made", False)
    assert (said["STATIC_URL"], said["STATIC_ROOT"]) == ("static/", "/srv/static")
    assert databases["default"]["NAME"] == "/data/db.sqlite3"


def test_another_database_is_left_as_it_is():
    text = found(DJANGO).files["webstack_settings.py"]
    databases = {"default": {"ENGINE": "django.db.backends.postgresql", "NAME": "shop"}}
    run(text, {"SECRET_KEY": "x"}, DATABASES=databases)
    assert databases["default"]["NAME"] == "shop"


def test_the_settings_for_production_are_taken_where_there_are_some():
    files = {name: text for name, text in DJANGO.items() if name != "shop/settings.py"}
    application = found(
        {
            **files,
            "shop/settings/__init__.py": "",
            "shop/settings/base.py": SETTINGS,
            "shop/settings/production.py": "from .base import *\nMEDIA_ROOT = BASE_DIR / 'm'\n",
        }
    )
    own = application.files["webstack_settings.py"]
    assert "from shop.settings.production import *" in own
    assert 'MEDIA_ROOT = "/data/media"' in own
    assert settings(application)["app"] == "shop.wsgi:application"


def test_what_is_set_for_another_choice_alone_does_not_count():
    """Projects name other databases below an `if`, after the one that they use by default."""
    other = 'if os.getenv("DB") == "x":\n    DATABASES = {"default": {"ENGINE": "a.b.mysql"}}\n'
    application = found({**DJANGO, "shop/settings.py": SETTINGS + other})
    assert "mysql" not in words(application)
    assert settings(application)["data"] == "/data"


def test_a_database_that_the_stack_runs_is_said_to_be_needed():
    text = SETTINGS.replace("backends.sqlite3", "backends.postgresql")
    application = found({**DJANGO, "shop/settings.py": text})
    assert settings(application)["needs"] == ["postgres"]
    assert "data" not in settings(application)
    assert application.unsolved == ()
    databases = {"default": {"ENGINE": "django.db.backends.postgresql", "HOST": "db", "X": 1}}
    url = "postgresql://shop@/shop?host=/run/postgresql"
    own = application.files["webstack_settings.py"]
    run(own, {"SECRET_KEY": "x", "DATABASE_URL": url}, DATABASES=databases)
    assert databases["default"] == {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": "/run/postgresql",
        "NAME": "shop",
        "USER": "shop",
        "PASSWORD": "",
        "PORT": "",
        "X": 1,
    }


def test_one_that_reads_the_address_of_its_database_and_speaks_postgresql_gets_one():
    text = f"{SETTINGS}DATABASES['default'] = dj_database_url.config(conn_max_age=5)\n"
    files = {**DJANGO, "shop/settings.py": text}
    assert "needs" not in settings(found(files)), "it has no client"
    served = found({**files, "requirements.txt": "Django\npsycopg2-binary==2.9.9\n"})
    assert settings(served)["needs"] == ["postgres"]
    assert "environment.DATABASE_URL" not in settings(served)
    assert "data" not in settings(served)


def test_a_database_that_the_stack_lacks_is_told():
    text = SETTINGS.replace("backends.sqlite3", "backends.mysql")
    application = found({**DJANGO, "shop/settings.py": text})
    assert "it keeps its data in mysql" in words(application)
    assert "data" not in settings(application)


@pytest.mark.parametrize(
    ("line", "key", "value"),
    [
        ('X = os.environ["API_URL"]', "", ""),
        ('X = os.environ["DJANGO_SECRET_KEY"]', "secret_environment.DJANGO_SECRET_KEY", {}),
        ('X = dj_database_url.config(default=env("DATABASE_URL"))', "environment.DATABASE_URL",
         "sqlite:////data/app.sqlite3"),
        ('X = config("DATABASE_URL")', "environment.DATABASE_URL", "sqlite:////data/app.sqlite3"),
        ('X = os.environ.get("DJANGO_SECRET_KEY", "x")', "", ""),
    ],
)  # fmt: skip
def test_variables_that_its_settings_read_are_given(line: str, key: str, value: object):
    said = settings(found({**DJANGO, "shop/settings.py": f"{SETTINGS}{line}\n"}))
    extra = {name: each for name, each in said.items() if name not in settings(found(DJANGO))}
    assert extra == ({key: value} if key else {})


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('X = os.environ["API_URL"]', "add environment: {API_URL: …} (shop/settings.py:8)"),
        ('X = config("MAIL_PASSWORD")', "add secret_environment: {MAIL_PASSWORD: {setting: mail_p"),
        ('X = env("API_URL", default="")', ""),
        ('X = os.getenv("API_URL")', ""),
        ('if a:\n    X = os.environ["API_URL"]', ""),
    ],
)
def test_a_variable_that_nobody_can_know_is_told_with_the_line_to_add(line: str, told: str):
    said = words(found({**DJANGO, "shop/settings.py": f"{SETTINGS}{line}\n"}))
    assert told in said
    assert bool(said) == bool(told)


def test_a_project_in_a_folder_below_is_found():
    moved = {f"backend/{name}": text for name, text in DJANGO.items()}
    application = found(moved)
    assert "backend/webstack_settings.py" in application.files
    assert "COPY backend/requirements.txt /app/backend/" in application.files["Dockerfile"]
    assert "WORKDIR /app/backend" in application.files["Dockerfile"]


def test_channels_get_a_server_that_speaks_them():
    text = f'{SETTINGS}ASGI_APPLICATION = "shop.asgi.application"\n'
    files = {**DJANGO, "shop/settings.py": text, "requirements.txt": "Django\nchannels\ndaphne\n"}
    said = settings(found(files))
    assert (said["app"], said["server"]) == ("shop.asgi:application", "daphne")


@pytest.mark.parametrize(
    ("routes", "health"),
    [
        ('path("", home)', {"path": "/", "status": ["200-399"]}),
        ('re_path(r"^", include("shop.web"))', {"path": "/", "status": ["200-399"]}),
        ('path("chat/", chat), path("office/", admin.site.urls)', "/office/login/"),
        ('path("chat/", chat)', {"path": "/", "status": ["200-404"]}),
    ],
)
def test_a_project_without_a_front_page_is_asked_for_another(routes: str, health: object):
    text = f'"""Add a URL: path("", views.home)"""\nurlpatterns = [{routes}]\n'
    assert settings(found({**DJANGO, "shop/urls.py": text}))["health"] == health


def test_celery_is_found_in_a_module_of_any_name():
    files = {**DJANGO, "config/celery_app.py": 'app = Celery("shop")\n'}
    worker = {"command": ["celery", "-A", "config.celery_app", "worker", "-l", "info"]}
    assert settings(found(files))["roles.worker"] == worker


def test_what_the_settings_cannot_do_without_is_there_when_the_image_is_built():
    code = 'ALLOWED_HOSTS = os.environ["ALLOWED_HOSTS"].split(",")\nKEY = os.environ["MAIL_KEY"]\n'
    files = {**DJANGO, "shop/settings.py": DJANGO["shop/settings.py"] + code}
    built = found(files).files["Dockerfile"]
    assert "ALLOWED_HOSTS=localhost" in built
    assert "MAIL_KEY=of-no-use" in built
    assert "environment.ALLOWED_HOSTS" not in settings(found(files))


def test_celery_becomes_roles():
    files = {**DJANGO, "shop/celery.py": 'app = Celery("shop")\napp.conf.beat_schedule = {}\n'}
    said = settings(found(files))
    assert said["roles.worker"] == {"command": ["celery", "-A", "shop", "worker", "-l", "info"]}
    assert said["roles.beat"]["single"] is True


def test_a_page_for_health_is_taken_from_the_urls_of_the_root_alone():
    page = 'urlpatterns = [path("healthz/", ok)]\n'
    assert settings(found({**DJANGO, "shop/urls.py": page}))["health"] == "/healthz/"
    other = {**DJANGO, "api/urls.py": page}
    assert settings(found(other))["health"] == {"path": "/", "status": ["200-399"]}


@pytest.mark.parametrize(
    "text",
    ["def broken(:", "x = " + "(" * 500, "\0", "MEDIA_ROOT = " + " + ".join(["BASE_DIR"] * 3000)],
)
def test_settings_that_cannot_be_read_are_no_project(text: str):
    files = {**DJANGO, "shop/settings.py": text, **{"app.py": "app = Flask(__name__)"}}
    assert found(files).framework in ("Flask", "Django")


def test_what_users_upload_is_kept_and_served_by_nginx():
    text = f"{SETTINGS}MEDIA_ROOT = BASE_DIR / 'files'\nMEDIA_URL = '/files/'\n"
    application = found({**DJANGO, "shop/settings.py": text})
    assert settings(application)["media"] == {"/files": "/data/media"}
    assert settings(application)["data"] == "/data"
    said = run(
        application.files["webstack_settings.py"],
        {"SECRET_KEY": "x"},
        MEDIA_URL="/files/",
        DATABASES={"default": {"ENGINE": "x"}},
    )
    assert (said["MEDIA_ROOT"], said["MEDIA_URL"]) == ("/data/media", "files/")
    elsewhere = text.replace("'/files/'", "'https://cdn.example.org/'")
    assert "media" not in settings(found({**DJANGO, "shop/settings.py": elsewhere}))


HTTPS = """\
SECURE_SSL_REDIRECT = env.bool("DJANGO_SECURE_SSL_REDIRECT", default=True)
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Secure-sessionid"
CSRF_COOKIE_NAME = "shop"
SECURE_HSTS_SECONDS = 60
"""


@pytest.mark.parametrize(
    ("https", "expected"),
    [
        (None, (False, False, "sessionid", 0)),
        ("1", ("redirect", True, "__Secure-sessionid", 60)),
    ],
)
def test_what_asks_for_https_is_off_where_the_stack_has_none(
    https: str | None, expected: tuple[object, ...], monkeypatch: pytest.MonkeyPatch
):
    application = found({**DJANGO, "shop/settings.py": SETTINGS + HTTPS})
    assert "https" not in words(application)
    written = application.files["webstack_settings.py"]
    end = written[written.index("# nginx redirects to https") :]
    assert "CSRF_COOKIE_NAME" not in end
    monkeypatch.delenv("HTTPS", raising=False)
    if https:
        monkeypatch.setenv("HTTPS", https)
    values: dict[str, object] = {
        "os": os,
        "SECURE_SSL_REDIRECT": "redirect",
        "SESSION_COOKIE_SECURE": True,
        "SESSION_COOKIE_NAME": "__Secure-sessionid",
        "SECURE_HSTS_SECONDS": 60,
    }
    exec(end, values)
    names = ("SECURE_SSL_REDIRECT", "SESSION_COOKIE_SECURE", "SESSION_COOKIE_NAME")
    assert (*(values[name] for name in names), values["SECURE_HSTS_SECONDS"]) == expected


def test_a_project_that_asks_nothing_of_https_has_no_word_of_it():
    assert "https if" not in found(DJANGO).files["webstack_settings.py"].replace("\n", " ")


@pytest.mark.parametrize(
    ("asgi", "packages", "expected"),
    [
        ("application = get_asgi_application()\n", "", ("shop.wsgi:application", None)),
        ("application = get_asgi_application()\n", "daphne", ("shop.asgi:application", "daphne")),
        (
            'if scope["type"] == "websocket":\n    pass\n',
            "",
            ("shop.asgi:application", "uvicorn"),
        ),
        (
            "application = get_asgi_application()\n",
            "uvicorn[standard]==0.30",
            ("shop.asgi:application", "uvicorn"),
        ),
    ],
)
def test_asgi_is_served_where_websockets_or_a_server_ask_for_it(
    asgi: str, packages: str, expected: tuple[str, str | None]
):
    files = {**DJANGO, "shop/asgi.py": asgi, "requirements.txt": f"Django==5.2.1\n{packages}\n"}
    said = settings(found(files))
    assert (said["app"], said.get("server")) == expected


@pytest.mark.parametrize(
    ("line", "address"),
    [
        ('CACHE = {"LOCATION": REDIS_URL + "/0"}', "unix:///run/valkey/valkey.sock#"),
        ('CACHE = {"LOCATION": f"{REDIS_URL}/1"}', "unix:///run/valkey/valkey.sock#"),
        ('A = os.environ["REDIS_URL"] + "/2"', "unix:///run/valkey/valkey.sock#"),
        ('CACHE = {"LOCATION": REDIS_URL}', "unix:///run/valkey/valkey.sock"),
    ],
)
def test_a_database_s_number_after_a_socket_is_passed_over(line: str, address: str):
    code = f'{SETTINGS}REDIS_URL = os.environ.get("REDIS_URL")\n{line}\n'
    files = {
        **DJANGO,
        "shop/settings.py": code,
        "requirements.txt": "Django==5.2.1\ndjango-redis\n",
    }
    assert settings(found(files))["environment.REDIS_URL"] == address


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("load_initial_data", True),
        ("seed", True),
        ("populate_db", True),
        ("create_random_data", False),
        ("clear_sessions", False),
        ("__init__", False),
    ],
)
def test_a_command_that_makes_first_data_is_told(command: str, told: bool):
    files = {**DJANGO, f"shop/management/commands/{command}.py": ""}
    line = f"add init: [python3, manage.py, {command}] (shop/management/commands/{command}.py)"
    assert (line in words(found(files))) is told


def test_psycopg_in_c_gets_a_compiler():
    for said in ("psycopg[c]==3.3.4", "psycopg[pool,c]==3.3.4"):
        text = found({**DJANGO, "requirements.txt": f"Django==5.2.1\n{said}\n"}).files["Dockerfile"]
        assert "gcc libpq-dev python3-dev" in text
    plain = found({**DJANGO, "requirements.txt": "Django==5.2.1\npsycopg[binary]==3.3.4\n"})
    assert "libpq-dev" not in plain.files["Dockerfile"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            'if os.environ["DATABASE_URL"].startswith("postgres://"): pass',
            "postgres://a@/b?host=/c",
        ),
        ('url = os.environ.get("DATABASE_URL")', "postgresql://a@/b?host=/c"),
    ],
)
def test_a_project_that_asks_for_postgres_by_another_word_gets_it(
    line: str, expected: str, monkeypatch: pytest.MonkeyPatch
):
    written = found({**DJANGO, "shop/settings.py": f"{SETTINGS}{line}\n"}).files[
        "webstack_settings.py"
    ]
    before = written[: written.index("from shop.settings import *")]
    monkeypatch.setenv("DATABASE_URL", "postgresql://a@/b?host=/c")
    exec(before, {})
    assert os.environ["DATABASE_URL"] == expected


def test_what_whoosh_indexes_is_kept():
    code = (
        f"{SETTINGS}HAYSTACK_CONNECTIONS = {{'default': {{'ENGINE': 'haystack.backends."
        "whoosh_backend.WhooshEngine', 'PATH': BASE_DIR / 'whoosh'}}\n"
    )
    written = found({**DJANGO, "shop/settings.py": code}).files["webstack_settings.py"]
    start = written.index("for _index")
    connections = {"a": {"ENGINE": "x.whoosh_backend", "PATH": "/app"}, "b": {"ENGINE": "x.solr"}}
    exec(written[start : written.index("# nginx")], {"HAYSTACK_CONNECTIONS": connections})
    assert connections == {
        "a": {"ENGINE": "x.whoosh_backend", "PATH": "/data/search"},
        "b": {"ENGINE": "x.solr"},
    }
    assert "HAYSTACK" not in found(DJANGO).files["webstack_settings.py"]


@pytest.mark.parametrize("read", ['os.getenv("SITE_ROOT", "http://localhost")', 'env("BASE_URL")'])
def test_a_project_that_reads_its_own_address_is_told_where_once(read: str):
    said = words(found({**DJANGO, "shop/settings.py": f"{SETTINGS}HERE = {read}\n"}))
    assert said.count("it reads its own address; add environment: {") == 1
    assert said.count("https://…}, as users see it (shop/settings.py:8)") == 1
    assert "it needs the variable" not in said
