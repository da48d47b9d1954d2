"""Dockerfiles, Procfiles, Compose files and lock files tell how an application runs."""

from __future__ import annotations

import time

import pytest

from tests.webstack.cli.applications.trees import DJANGO, FLASK, found, settings, tree, words
from webstack.cli.applications.commands import served
from webstack.cli.applications.dependencies.packages import _allows, packages_of
from webstack.cli.applications.recognise import recognise

BOMB = "\n".join(
    [
        "a0: &a0 [worker]",
        *(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}, *a{n - 1}, *a{n - 1}]" for n in range(1, 40)),
        "services:",
        "  w: {build: {context: *a39, args: *a39}, command: *a39, image: *a39, ports: *a39}",
    ]
)
OWN = {**FLASK, "Dockerfile": "FROM python:3.12-slim\n"}


def with_dockerfile(lines: str) -> tuple[dict[str, object], str]:
    application = found({**FLASK, "Dockerfile": f"FROM python:3.12-slim\n{lines}"})
    assert application.files == {}
    return settings(application), words(application)


@pytest.mark.parametrize(
    ("lines", "port"),
    [
        ('CMD ["gunicorn", "app:app"]', None),
        ('EXPOSE 8000\nCMD ["gunicorn", "app:app"]', None),
        ('CMD ["gunicorn", "-b", "0.0.0.0:5005", "app:app"]', 5005),
        ("CMD gunicorn --bind=0.0.0.0:8000 app:app", 8000),
        ('CMD ["uvicorn", "app:app", "--host", "0.0.0.0", "--port", "9000"]', 9000),
        ('EXPOSE 3000/tcp\nCMD ["node", "server.js"]', 3000),
        ('EXPOSE 80\nFROM scratch\nEXPOSE 81\nCMD ["x"]', 81),
        ('CMD ["gunicorn", \\\n  "-b", "0.0.0.0:7000", "app:app"]', 7000),
    ],
)
def test_where_an_image_of_its_own_listens(lines: str, port: int | None):
    assert with_dockerfile(lines)[0].get("port") == port


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("ENTRYPOINT python app.py", 'write it as ENTRYPOINT ["python", "app.py"]'),
        ('CMD ["flask", "run", "--host", "127.0.0.1:5000"]', "have it listen on 0.0.0.0"),
        ('VOLUME /var/lib/x\nCMD ["x"]', "name it: data: /var/lib/x"),
        ('CMD ["gunicorn", "--daemon", "app:app"]', "have it stay in the foreground"),
        ("", "add command: [program, argument]"),
    ],
)
def test_what_will_not_work_is_told_with_the_line_that_mends_it(lines: str, told: str):
    assert told in with_dockerfile(lines)[1]


def test_how_a_compose_file_builds_the_image_is_taken_over():
    compose = """
services:
  web:
    build: {context: ., dockerfile: deploy/Dockerfile, target: run, args: {A: 1, B: "$X"}}
    ports: ["80:80"]
"""
    text = 'ARG A\nARG B\nARG C=3\nARG UID\nFROM x\nCMD ["gunicorn", "a:b"]\n'
    application = found({**FLASK, "compose.yaml": compose, "deploy/Dockerfile": text})
    said = settings(application)
    assert (said["dockerfile"], said["target"]) == ("deploy/Dockerfile", "run")
    assert said["build_args"] == {"A": "1"}
    assert words(application) == (
        "its build takes the argument B; add build_args: {B: …} (deploy/Dockerfile)"
    )


def test_one_that_has_a_dockerfile_can_be_built_on_the_base_images():
    files = {**DJANGO, "Dockerfile": "FROM python:3.12\nEXPOSE 8000\n"}
    application = recognise(tree(files), on_base=True)
    assert settings(application)["dockerfile"] == "Dockerfile.webstack"
    assert "port" not in settings(application)
    assert "Dockerfile" not in application.files
    assert "FROM ${PYTHON}" in application.files["Dockerfile.webstack"]
    plain = recognise(tree(DJANGO), on_base=True)
    assert "dockerfile" not in settings(plain)


def test_a_dockerfile_that_was_written_here_is_no_other_one():
    first = found(FLASK)
    second = found({**FLASK, **first.files})
    assert settings(second) == settings(first)
    assert second.files["Dockerfile"] == first.files["Dockerfile"]


@pytest.mark.parametrize(
    ("command", "app", "server"),
    [
        ("gunicorn shop.wsgi --log-file -", "shop.wsgi:application", "gunicorn"),
        ("python manage.py migrate && gunicorn -w 3 shop.wsgi:app", "shop.wsgi:app", "gunicorn"),
        ("gunicorn --workers=3 --bind 0.0.0.0:$PORT 'shop:create_app()'", "shop:create_app()",
         "gunicorn"),
        ("gunicorn -k uvicorn.workers.UvicornWorker main:app", "main:app", "uvicorn"),
        ("/venv/bin/daphne -b 0.0.0.0 -p 80 shop.asgi:application", "shop.asgi:application",
         "daphne"),
    ],
)  # fmt: skip
def test_what_a_command_line_serves(command: str, app: str, server: str):
    found = served(command)
    assert found is not None
    assert (found.app, found.server) == (app, server)


@pytest.mark.parametrize("command", ["", "node server.js", "gunicorn", "'"])
def test_a_command_line_that_serves_nothing(command: str):
    assert served(command) is None


def test_background_lines_of_a_procfile_and_services_of_a_compose_file_become_roles():
    procfile = "web: gunicorn app:app\nworker: rq worker $QUEUE\nrelease: x\nclock: python c.py\n"
    compose = (
        "services:\n  w:\n    build: .\n    command: celery -A app beat\n  db:\n    image: p\n"
    )
    said = settings(found({**FLASK, "Procfile": procfile, "docker-compose.yml": compose}))
    assert said["roles.worker"] == {"command": ["sh", "-c", "rq worker $QUEUE"]}
    assert said["roles.w"] == {"command": ["celery", "-A", "app", "beat"], "single": True}
    assert "roles.web" not in said


def test_what_a_compose_file_brings_along_is_told():
    compose = "services:\n  a: {image: 'postgres:17'}\n  b: {image: 'registry.example.com/redis'}\n"
    said = words(found({**FLASK, "compose.yaml": compose}))
    assert "may want PostgreSQL; needs: [postgres] runs it, and says in DATABASE_URL" in said
    assert "may want Redis; needs: [valkey] runs it, and says in CACHE_URL" in said


@pytest.mark.parametrize(
    "text", ["[", "services: 3", "services:\n  a: 1\n", "&a [*a]", "\t:", BOMB]
)
def test_a_compose_file_that_says_nothing_is_none(text: str):
    assert found({**FLASK, "compose.yaml": text}).unsolved == ()


@pytest.mark.parametrize(
    ("files", "manager", "installs"),
    [
        ({"requirements.txt": "-r more.txt\n# x\nA_b==1\n", "more.txt": "c[x]>=2 ; y\n"}, "pip",
         "pip install -r /app/requirements.txt"),
        ({"requirements/production.txt": "a\n"}, "pip", "COPY requirements /app/requirements/"),
        ({"uv.lock": "", "pyproject.toml": '[project]\ndependencies = ["a"]'}, "uv", "uv export"),
        ({"poetry.lock": "", "pyproject.toml": '[tool.poetry.dependencies]\na = "^1"'}, "poetry",
         "poetry export"),
        ({"Pipfile": '[packages]\na = "*"'}, "pipenv", "pipenv requirements"),
        ({"pyproject.toml": '[project]\ndependencies = ["a>1"]'}, "project", "pip install /app"),
    ],
)  # fmt: skip
def test_packages_are_installed_by_the_tool_of_the_application(files, manager, installs):
    given = {"app.py": FLASK["app.py"], **files}
    assert packages_of(tree(given)).manager == manager
    assert "a" in packages_of(tree(given)) or "a-b" in packages_of(tree(given))
    text = found(given).files["Dockerfile"]
    assert installs in text
    assert " gunicorn" in text


def test_a_server_that_the_application_brings_is_not_installed_twice():
    assert "gunicorn" not in found({**FLASK, "requirements.txt": "gunicorn\n"}).files["Dockerfile"]


@pytest.mark.parametrize(
    ("specifier", "fits"),
    [
        *((">=3.8", True), (">=3.9,<4", True), ("^3.10", True), ("~=3.8", True), ("3.13", True)),
        *(("", True), ("*", True), (">=3.13.1", True), ("!=3.9.*", True), (">=3.9, <3.14", True)),
        *(("<3.13", False), (">=3.14", False), ("==3.11.*", False), ("~3.11", False)),
        *(("~=3.11.0", False), ("^2.7", False), ("<=3.12", False), (">=3.8,<3.12", False)),
    ],
)
def test_whether_the_base_image_has_the_python_that_is_asked_for(specifier: str, fits: bool):
    assert _allows(specifier) is fits


def test_what_the_base_image_does_not_run_is_told():
    old = words(found({**DJANGO, "requirements.txt": "Django==3.2.1\n"}))
    assert "Django 3.2 does not run on Python 3.13" in old
    project = '[project]\nrequires-python = "<3.12"\n'
    assert "it asks for Python <3.12" in words(found({**FLASK, "pyproject.toml": project}))


def test_what_browsers_load_is_built_with_node():
    files = {**FLASK, "package.json": '{"scripts": {"build": "vite"}}', "package-lock.json": ""}
    text = found(files).files["Dockerfile"]
    assert "AS assets" in text
    assert "npm run build" in text
    assert text.index("NODE_EXTRA_CA_CERTS=/etc/ssl") < text.index("npm run build")
    assert "COPY --from=assets /app /app" in text
    assert "AS assets" not in found({**FLASK, "package.json": "[1]"}).files["Dockerfile"]


@pytest.mark.parametrize(
    ("package", "told"),
    [
        ('{"dependencies": {"esbuild": "1"}, "scripts": {"watch": "x"}}', True),
        ('{"dependencies": {"esbuild": "1"}, "scripts": {"build": "x"}}', False),
        ('{"devDependencies": {"eslint": "1"}}', False),
        ("[" * 100_000, False),
    ],
)
def test_what_has_no_usual_way_to_be_built_is_told(package: str, told: bool):
    application = found({**FLASK, "assets/package.json": package})
    assert ("it has no script build, so what browsers" in words(application)) is told


def test_what_docker_s_own_images_of_python_tell_is_there():
    assert "PYTHON_VERSION=3.13\n" in found(FLASK).files["Dockerfile"]


@pytest.mark.parametrize(
    "text",
    [
        "UPLOAD=" * 50_000,
        "path.join(" + "dir" * 100_000,
        'FileHandler("' + "a" * 300_000,
        "sqlite:///" + "a" * 300_000,
        "@app.route('/" + "health" * 60_000,
        "x = " + "'" * 300_000,
    ],
)
@pytest.mark.parametrize("name", ["Dockerfile", "shop/b.py", "Procfile", "requirements.txt"])
def test_a_file_that_was_written_to_take_time_takes_none(name: str, text: str):
    began = time.monotonic()
    found({"shop/app.py": FLASK["app.py"], name: f"CMD --host{text}\n{text}"})
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    ("packages", "installed"),
    [("celery==5.6.3\nredis", True), ("celery==5.6.3\npackaging==26.0", False), ("redis", False)],
)
def test_celery_gets_what_its_client_for_redis_imports(packages: str, installed: bool):
    text = found({**FLASK, "requirements.txt": f"flask\n{packages}\n"}).files["Dockerfile"]
    assert ("requirements.txt gunicorn packaging" in text) is installed


@pytest.mark.parametrize(
    ("packages", "memory"),
    [
        ("wagtail==7.4", 1024),
        ("numpy\ntorch", 2048),
        ("argon2-cffi==25.1", 512),
        ("requests", None),
    ],
)
def test_large_packages_get_the_memory_that_they_need(packages: str, memory: int | None):
    said = settings(found({**DJANGO, "requirements.txt": f"Django==5.2.1\n{packages}\n"}))
    assert said.get("memory") == memory


SANDBOX = {
    **{f"sandbox/{name}": text for name, text in DJANGO.items() if name != "requirements.txt"},
    "pyproject.toml": '[project]\ndependencies = ["django"]\n'
    '[project.optional-dependencies]\ntest = ["whitenoise"]\ndocs = ["sphinx"]\n',
    "setup.py": 'subprocess.check_call(["npm", "run", "build"])\n',
    "package.json": '{"scripts": {"build": "gulp"}}',
    "Makefile": "install:\n\tpip install -e .[test,unknown] --upgrade\n",
}


def test_a_project_is_installed_with_the_extras_of_its_own_files_and_where_it_lies():
    lines = found(SANDBOX).files["Dockerfile"].splitlines()
    assert "RUN pip install '/app[test]' \\" in lines
    assert "WORKDIR /app/sandbox" in lines
    plain = {**SANDBOX, "Makefile": "install:\n\tpip install .\n"}
    assert "RUN pip install /app \\" in found(plain).files["Dockerfile"].splitlines()


def test_a_setup_that_runs_npm_has_it_where_it_is_installed():
    text = found(SANDBOX).files["Dockerfile"]
    assert "AS assets" not in text
    assert "nodejs npm" in text[text.index("AS build") : text.index("pip install")]
    assert "RUN rm -rf /app/node_modules" in text.splitlines()
    assert text.index("NODE_EXTRA_CA_CERTS=/etc/ssl") < text.index("pip install")
    assert "AS assets" in found({**SANDBOX, "setup.py": "setup()\n"}).files["Dockerfile"]
