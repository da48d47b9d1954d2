"""The image and the container of each sample keep their promises."""

import re

import pytest
from services import testing
from services.tests import samples

HASHED = re.compile(r"/srv/static/.+\.[0-9a-f]{8,}\.[a-z0-9]+(\.gz|\.br)?")

pytestmark = pytest.mark.docker


@pytest.fixture(params=samples.folders(), ids=lambda folder: folder.name, scope="module")
def folder(request):
    return request.param


@pytest.fixture(scope="module")
def service(start, folder):
    return start(folder)


def listing(service, *find):
    code, text = service.run("find", *find)
    assert code == 0, text
    return text.splitlines()


def test_static_folder_holds_only_hashed_and_precompressed_files(service):
    files = listing(service, "/srv/static", "-type", "f")
    assert [name for name in files if not HASHED.fullmatch(name)] == []
    texts = [name for name in files if name.endswith((".css", ".js", ".svg"))]
    assert texts
    assert {name + end for name in texts for end in (".gz", ".br")} <= set(files)


def test_final_image_has_no_build_tools_and_no_build_time_certificates(service):
    code, _ = service.run("python", "-m", "pip", "--version")
    assert code != 0
    for tool in ("pip", "pip3", "gcc", "make", "brotli", "git"):
        assert service.run("sh", "-c", f"command -v {tool}")[0] != 0, tool
    _, certificates = service.run("sh", "-c", "find / -xdev -name '*.pem' 2>/dev/null")
    assert certificates == ""


def test_sqlite_keeps_its_databases_whole(service):
    """Before 3.51.3, connections that restart the write-ahead log at once can damage it."""
    code, version = service.run("python", "-c", "import sqlite3; print(sqlite3.sqlite_version)")
    assert code == 0, version
    assert tuple(map(int, version.split("."))) >= (3, 51, 3)


def test_final_image_keeps_no_package_lists(service):
    """The lists take seventy megabytes, and nobody installs a package later."""
    folders = ("/var/lib/apt/lists", "/var/cache/apt")
    kept = listing(service, *folders, "-maxdepth", "1", "-type", "f", "-size", "+0")
    assert kept == []


def test_service_may_read_its_files_and_write_none_of_them(service):
    for folder in ("/app", "/opt/venv", "/srv"):
        assert listing(service, folder, "-not", "-type", "l", "-writable") == []
        assert listing(service, folder, "-not", "-readable") == []
    assert listing(service, "/data", "-maxdepth", "0", "-writable") == ["/data"]


def test_gunicorn_is_process_one_with_workers_for_one_cpu(service):
    """Without another setting, one CPU makes two workers on any host."""
    service.container.reload()
    main = str(service.container.attrs["State"]["Pid"])
    processes = service.container.top(ps_args="-eo pid,ppid,args")["Processes"]
    assert ["gunicorn" in command for pid, _, command in processes if pid == main] == [True]
    assert [parent for _, parent, _ in processes].count(main) == 2


def test_socket_is_open_to_the_proxy_and_there_is_no_other(service):
    assert service.address.stat().st_mode & 0o777 == 0o777
    assert listing(service, "/run", "/tmp", "/data", "-type", "s") == ["/run/webstack/0.sock"]


def test_health_depends_on_no_host_and_no_database_and_is_not_logged(start, folder):
    service = start(folder, DATABASE_URL="sqlite:////nowhere/data.sqlite3", HTTPS="1")
    assert service.ask("/healthz", host="anything.example").status == 200
    assert service.ask("/readyz", host="anything.example").status == 503
    assert [event["path"] for event in service.events(logger="gunicorn.access")] == ["/readyz"]


def test_image_is_healthy_by_its_own_check(service):
    command = service.container.attrs["Config"]["Healthcheck"]["Test"]
    assert command[0] == "CMD"
    assert service.run(*command[1:]) == (0, "")


def test_every_line_is_json_and_carries_the_request_id(service):
    service.ask("/", X_Request_ID="id-of-nginx", X_Forwarded_For="192.0.2.7")
    [access] = service.events(request_id="id-of-nginx")
    assert (access["path"], access["status"], access["client"]) == ("/", 200, "192.0.2.7")


def test_only_named_hosts_are_answered(service):
    assert service.ask("/").status == 200
    assert service.ask("/", host="evil.example").status == 400


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"DEBUG": "1"}, "DEBUG is on, and this is production"),
        ({"SECRET_KEY": ""}, "SECRET_KEY is not set"),
        ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS is open to every host (*)"),
    ],
)
def test_wrong_settings_end_the_start_in_one_line(engine, build, folder, tmp_path, wrong, said):
    service = testing.start(engine, build(folder), tmp_path, wrong)
    try:
        assert service.container.wait(timeout=20)["StatusCode"] == 1
        lines = service.container.logs().decode().splitlines()
        assert len(lines) == 1
        assert lines[0].endswith(f"does not start: {said}")
    finally:
        service.remove()


def test_stops_by_itself_when_told(start, folder):
    service = start(folder)
    service.container.stop(timeout=20)
    service.container.reload()
    assert service.container.attrs["State"]["ExitCode"] == 0
    assert service.events(message="Shutting down: Master")
