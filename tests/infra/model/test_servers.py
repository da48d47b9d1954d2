"""Each application server is started in its way, and gets its addresses."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any, get_args

import pytest

from infra.model.servers import command, gets_the_rest
from infra.settings.sections import Server, Service
from tests.infra.parts.test_web_service import part
from webstack.contract.application_servers import ASGI

SERVERS = get_args(Server)


def started(server: str | None = None, **body: Any) -> str:
    """Give the command line of a server, without the words in front of it."""
    values = {"app": "shop.asgi:application", "path": "/", **body}
    words = command(Service(source="shop", server=server, **values), "/run/s.sock")
    assert words is not None
    assert words[:2] == ("sh", "-c")
    return " ".join(words[4:])


def test_an_image_without_an_app_keeps_its_own_command():
    assert command(Service(source="shop", path="/"), "/run/s.sock") is None
    own = Service(source="shop", path="/", command=("own",))
    assert command(own, "/run/s.sock") == ("own",)


def test_gunicorn_has_its_options_from_the_environment():
    assert started() == started("gunicorn") == "gunicorn shop.asgi:application"
    assert started(app="shop:create_app()") == "gunicorn shop:create_app()"


@pytest.mark.parametrize("server", [each for each in ASGI if each != "gunicorn-asgi"])
def test_the_others_are_told_of_the_socket(server: str):
    assert "/run/s.sock" in started(server)
    assert started(server).split()[-1] == "shop.asgi:application"


@pytest.mark.parametrize("server", ["uvicorn", "granian", "hypercorn"])
def test_they_have_the_workers_and_the_time_to_end_of_the_settings(server: str):
    line = started(server, workers=5, grace=77)
    assert "--workers 5" in line
    assert " 77 " in line


@pytest.mark.parametrize("server", ASGI)
def test_an_asynchronous_one_is_told_its_prefix_at_its_start(server: str):
    assert " /shop " in started(server, path="/shop")
    assert "/shop" not in started(server, path="/shop", strip_prefix=True)
    assert "path" not in started(server, path="/")


def test_a_function_that_makes_the_application_is_called():
    assert started("uvicorn", app="shop:create_app()").endswith(" --factory shop:create_app")
    assert started("granian", app="shop:create_app()").endswith(" --factory shop:create_app")
    assert started("hypercorn", app="shop:create_app()").endswith(" shop:create_app()")


def test_one_that_puts_its_prefix_before_addresses_gets_them_without():
    assert gets_the_rest(Service(source="s", path="/shop", server="uvicorn"))
    assert gets_the_rest(Service(source="s", path="/shop", strip_prefix=True))
    assert not gets_the_rest(Service(source="s", path="/", server="uvicorn"))
    assert not any(
        gets_the_rest(Service(source="s", path="/shop", server=each))
        for each in (*SERVERS, None)
        if each != "uvicorn"
    )
    shop = part(server="uvicorn", app="shop:app")
    assert (shop.route.strip_prefix, shop.gate.strip_prefix) == (True, True)


def run(tmp_path: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the words in front of a server, with another program in the server's place."""
    service = Service(source="shop", path="/", app="a:b", server="uvicorn")
    front = command(service, "s")[:4]  # type: ignore[index]
    environment = {
        "PATH": "/usr/bin:/bin",
        "WEBSTACK_SERVICE": "shop",
        "WEBSTACK_SOCKET": str(tmp_path / "s.sock"),
    }
    return subprocess.run([*front, *words], env=environment, capture_output=True, text=True)


def test_a_socket_that_an_earlier_start_left_is_removed(tmp_path: Path):
    (tmp_path / "s.sock").touch()
    done = run(tmp_path, "echo", "a b", "*")
    assert (done.returncode, done.stdout) == (0, "a b *\n")
    assert not (tmp_path / "s.sock").exists()


def test_a_server_that_the_image_lacks_is_told_in_one_line(tmp_path: Path):
    done = run(tmp_path, "no-such-server", "x")
    assert done.returncode == 127
    assert done.stderr == (
        "no-such-server is not in the image of shop: add it to its requirements, or choose another "
        "server (webstack:services.shop.server)\n"
    )
