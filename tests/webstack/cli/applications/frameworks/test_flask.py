"""A Flask application is recognised by its code, which is read and never run."""

from __future__ import annotations

import pytest

from infra.settings import needs
from tests.webstack.cli.applications.trees import FLASK, found, settings, words
from webstack.cli.applications import environment
from webstack.cli.terminal.errors import OpsError

FACTORY = "from flask import Flask\ndef create_app(config=None):\n    return Flask(__name__)\n"


def test_the_smallest_application_needs_nothing_by_hand():
    application = found(FLASK)
    assert settings(application) == {
        "app": "app:app",
        "environment.FLASK_APP": "app:app",
        "health": {"path": "/", "status": ["200-399"]},
    }
    assert application.unsolved == ()


@pytest.mark.parametrize(
    ("files", "app"),
    [
        ({"shop/__init__.py": FACTORY}, "shop:create_app()"),
        ({"src/shop/__init__.py": FACTORY}, "shop:create_app()"),
        ({"shop/__init__.py": FACTORY, "wsgi.py": "app = create_app()\n"}, "wsgi:app"),
        ({"shop/__init__.py": FACTORY, "wsgi.py": "shop = create_app()\n"}, "wsgi:shop"),
        ({"shop/web.py": "application = flask.Flask(__name__)\n"}, "shop.web:application"),
        ({"shop/__init__.py": FACTORY, "Procfile": "web: gunicorn -w 4 shop.x:app"}, "shop.x:app"),
        ({"shop/__init__.py": FACTORY, "Procfile": "web: gunicorn shop"}, "shop:application"),
        (
            {"shop/__init__.py": FACTORY.replace("config=None", "config"), "main.py": "app = "
             "create_app(1)\n"},
            "main:app",
        ),
        ({"tests/app.py": FLASK["app.py"], "shop/a.py": "app = Flask('x')\n"}, "shop.a:app"),
    ],
)  # fmt: skip
def test_the_entry_is_found_where_servers_are_meant_to_find_it(files: dict[str, str], app: str):
    assert settings(found(files))["app"] == app


@pytest.mark.parametrize(("name", "server"), [("FastAPI", "uvicorn"), ("Quart", "hypercorn")])
def test_an_asynchronous_one_gets_its_server(name: str, server: str):
    said = settings(found({"main.py": f"app = {name}()\n"}))
    assert (said["app"], said["server"]) == ("main:app", server)
    assert "environment.FLASK_APP" not in said


def test_static_files_beside_the_code_are_served_by_nginx():
    files = {"shop/__init__.py": FACTORY, "shop/static/a.css": ""}
    assert settings(found(files))["static"] == "/app/shop/static"
    assets = {**files, "requirements.txt": "Flask-Assets==2.0\n"}
    assert "static" not in settings(found(assets)), "it writes there"


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ('URI = os.environ.get("DATABASE_URL", "sqlite:///x.db")', "/data"),
        ('URI = "sqlite:///shop.db"', "/app/instance"),
        ("PATH = app.instance_path", "/app/instance"),
        ('URI = "sqlite:///" + os.path.join(basedir, "shop.db")', "/data"),
        ('URI = "sqlite:////data/x.db"', None),
    ],
)
def test_what_it_keeps_lies_in_a_volume(line: str, kept: str | None):
    application = found({"app.py": f"{FLASK['app.py']}{line}\n"})
    assert settings(application).get("data") == kept


def test_a_database_in_its_folder_is_led_to_the_volume():
    line = 'URI = "sqlite:///" + os.path.join(basedir, "shop.db")\n'
    text = found({"app.py": FLASK["app.py"] + line}).files["Dockerfile"]
    assert "RUN ln -sfn /data/shop.db /app/shop.db" in text


def test_its_migrations_run_before_a_release():
    files = {**FLASK, "migrations/env.py": "", "requirements.txt": "Flask-Migrate\n"}
    assert settings(found(files))["before_release"] == ["flask", "db", "upgrade"]


def test_secrets_of_its_own_are_made_and_others_told():
    line = 'A = os.environ["SECRET_KEY"]\nB = os.environ["STRIPE_KEY"]\n'
    application = found({"app.py": FLASK["app.py"] + line})
    assert settings(application)["secret_environment.SECRET_KEY"] == {}
    assert "needs the variable STRIPE_KEY; add secret_environment: {STRIPE_KEY: {setting" in words(
        application
    )


def test_a_command_that_makes_its_first_data_runs_once():
    line = (
        '@app.cli.command("init-db")\ndef f(): ...\n@click.option("x", prompt=True)\ndef g(): ...'
    )
    application = found({"app.py": f"{FLASK['app.py']}{line}\n"})
    assert settings(application)["init"] == ["flask", "init-db"]
    assert application.unsolved == ()


def test_one_that_wants_to_be_told_more_is_left_to_the_user():
    line = '@app.cli.command("initdb")\n@click.option("--name", prompt=True)\ndef f(name): ...\n'
    application = found({"app.py": FLASK["app.py"] + line})
    assert "init" not in settings(application)
    assert "`flask initdb` makes its data and asks; add init: [flask, initdb, …]" in words(
        application
    )


@pytest.mark.parametrize(
    "more", [{"schema.sql": "drop table if exists post;"}, {"models.py": "db.drop_all()\n"}]
)
def test_a_command_that_empties_tables_is_only_told(more: dict[str, str]):
    line = '@click.command("init-db")\ndef f(): ...\n'
    application = found({"app.py": FLASK["app.py"] + line, **more})
    assert "init" not in settings(application)
    assert "add init: [flask, init-db] for the first `up`" in words(application)


def test_the_command_of_its_dockerfile_names_the_entry_rather_than_a_module_of_migrations():
    files = {
        "hello/app.py": FACTORY,
        "db/env.py": "from hello.app import create_app\napp = create_app()\n",
    }
    assert settings(found(files))["app"] == "hello.app:create_app()"
    own = (
        'FROM python:3.12\nENTRYPOINT ["/start"]\nCMD ["gunicorn", "-w", "2", "hello.app:make()"]\n'
    )
    assert settings(found(files, Dockerfile=own))["environment.FLASK_APP"] == "hello.app:make()"


def test_what_is_no_application_is_said_to_be_none():
    with pytest.raises(
        OpsError, match="no Flask or Django application, Dockerfile, Procfile or index"
    ):
        found({"README.md": "", "setup.py": "setup()"})


def test_what_the_stack_runs_is_said_to_be_needed_where_it_is_read():
    code = FLASK["app.py"] + 'A = os.environ["DATABASE_URL"]\nB = os.getenv("BROKER_URL")\n'
    said = settings(found({"app.py": code, "requirements.txt": "flask\npsycopg2\ncelery\n"}))
    assert said["needs"] == ["postgres", "valkey-broker"]
    assert "environment.DATABASE_URL" not in said
    assert "data" not in said
    plain = settings(found({"app.py": code, "requirements.txt": "flask\n"}))
    assert plain["environment.DATABASE_URL"].startswith("sqlite:")
    assert plain["needs"] == ["valkey-broker"]


@pytest.mark.parametrize(
    ("line", "key", "value"),
    [
        ("UPLOAD_FOLDER = os.path.join(basedir, 'files')", "volumes", {"uploads": "/app/files"}),
        ("UPLOADS = os.getenv('UPLOADS', BASE_DIR / 'up')", "volumes", {"uploads": "/app/up"}),
        ('app.config["UPLOAD_PATH"] = join(root_dir, "up")', "volumes", {"uploads": "/app/up"}),
        ('h = RotatingFileHandler(os.path.join(b, "logs/a.log"))', "writable", {"/app/logs": 16}),
        (
            'p = os.getenv("LOGS", BASE_DIR / "logs" / "a.log")\nh = FileHandler(p)',
            "writable",
            {"/app/logs": 16},
        ),
        ('h = logging.FileHandler("logs/a.log", "a")', "writable", {"/app/logs": 16}),
    ],
)
def test_folders_that_it_writes_to_are_named(line: str, key: str, value: object):
    application = found({"app.py": f"{FLASK['app.py']}{line}\n"})
    assert settings(application)[key] == value


def test_folders_that_are_kept_belong_to_the_user_of_the_service():
    code = f"{FLASK['app.py']}UPLOAD_FOLDER = join(basedir, 'files')\nx = app.instance_path\n"
    text = found({"app.py": code}).files["Dockerfile"]
    assert "RUN install -d -o ${UID} -g ${UID} /app/files /app/instance /data" in text


def test_the_configuration_for_production_is_chosen_where_a_variable_does():
    line = "name = os.getenv('FLASK_CONFIG', 'development')\n"
    configurations = "config = {'development': A, 'production': B}\n"
    chosen = settings(found({"app.py": FLASK["app.py"] + line + configurations}))
    assert chosen["environment.FLASK_CONFIG"] == "production"
    plain = settings(found({"app.py": FLASK["app.py"] + line}))
    assert "environment.FLASK_CONFIG" not in plain


@pytest.mark.parametrize(
    ("packages", "variable", "needed", "address"),
    [
        ("redis", "REDIS_URL", ["valkey"], "unix:///run/valkey/valkey.sock"),
        ("rq\nredis", "REDIS_URL", ["valkey-broker"], "unix:///run/valkey-broker/valkey.sock"),
        (
            "celery",
            "CELERY_BROKER_URL",
            ["valkey-broker"],
            "redis+socket:///run/valkey-broker/valkey.sock",
        ),
    ],
)
def test_the_variable_of_a_client_gets_the_address_in_its_words(
    packages: str, variable: str, needed: list[str], address: str
):
    code = FLASK["app.py"] + f'A = os.environ.get("{variable}") or "redis://"\n'
    application = found({"app.py": code, "requirements.txt": f"flask\n{packages}\n"})
    said = settings(application)
    assert (said["needs"], said[f"environment.{variable}"]) == (needed, address)
    assert said.get("environment.RQ_REDIS_URL") == (address if "rq" in packages else None)
    assert application.unsolved == ()
    plain = settings(found({"app.py": code, "requirements.txt": "flask\n"}))
    assert "needs" not in plain


def test_a_variable_that_celery_shares_with_others_is_in_their_words_and_celery_gets_its_own():
    code = FLASK["app.py"] + 'A = os.environ.get("REDIS_URL")\n'
    application = found({"app.py": code, "requirements.txt": "flask\ncelery\nredis\n"})
    said = settings(application)
    queue = "redis+socket:///run/valkey-broker/valkey.sock"
    assert said["needs"] == ["valkey-broker"]
    assert said["environment.REDIS_URL"] == "unix:///run/valkey-broker/valkey.sock"
    assert said["environment.CELERY_BROKER_URL"] == queue
    assert said["environment.CELERY_RESULT_BACKEND"] == queue
    assert application.unsolved == ()


@pytest.mark.parametrize(
    ("packages", "installed"),
    [
        ("flask-sqlalchemy\npsycopg[binary]", True),
        ("flask-sqlalchemy\npsycopg\npsycopg2-binary", False),
        ("psycopg", False),
    ],
)
def test_sqlalchemy_gets_the_driver_that_it_means_by_postgresql(packages: str, installed: bool):
    code = FLASK["app.py"] + 'A = os.environ.get("DATABASE_URL")\n'
    application = found({"app.py": code, "requirements.txt": f"flask\n{packages}\n"})
    assert settings(application)["needs"] == ["postgres"]
    installs = "-r /app/requirements.txt gunicorn psycopg2-binary \\\n"
    assert (installs in application.files["Dockerfile"]) is installed


def test_the_addresses_are_those_of_the_servers():
    assert {environment.CACHE, environment.JOBS} == {
        f"unix://{needs.SUPPLIED[need].folder}/valkey.sock" for need in ("valkey", "valkey-broker")
    }
    assert environment.JOBS.replace("unix:", "redis+socket:") == environment.QUEUE
