"""The files of the image agree with the package, as far as no build is needed to tell."""

import re
from pathlib import Path

import pytest

from proxy import Site, errors, paths, render

SOURCE = Path(paths.__file__).parent
COMMANDS = {file.stem: file.read_text() for file in (SOURCE / "image/commands").glob("*.py")}
DOCKERFILE = (SOURCE / "Dockerfile").read_text()


def test_the_first_configuration_is_that_of_a_site_without_services():
    assert (SOURCE / "image/nginx.conf").read_text() == render(Site())


@pytest.mark.parametrize(
    ("command", "name", "value"),
    [
        ("webstack_closing", "FLAG", paths.CLOSING_FLAG),
        ("webstack_closing", "HEALTH_SOCKET", paths.HEALTH_SOCKET),
        ("webstack_configuration", "CONFIGURATION", paths.CONFIGURATION),
        ("webstack_configuration", "LOADED", paths.LOADED_CONFIGURATION),
        ("webstack_upstreams", "LINKS", paths.LINKS_DIRECTORY),
        ("webstack_upstreams", "UPSTREAMS", paths.UPSTREAMS_DIRECTORY),
        ("webstack-reload", "PID_FILE", f"{paths.RUNTIME_DIRECTORY}/nginx.pid"),
    ],
)
def test_commands_and_package_name_the_same_places(command, name, value):
    assert re.search(rf'^{name} = (Path\()?"{re.escape(value)}"', COMMANDS[command], re.MULTILINE)


@pytest.mark.parametrize("command", [name for name in COMMANDS if "-" in name])
def test_commands_can_be_run_and_are_on_the_path(command):
    assert (SOURCE / f"image/commands/{command}.py").stat().st_mode & 0o111
    assert COMMANDS[command].startswith("#!/usr/bin/python3")
    assert command.removeprefix("webstack-") in re.search(r"for name in (.*); do", DOCKERFILE)[1]


@pytest.mark.parametrize(
    "place",
    ["CONFIGURATION_DIRECTORY", "LINKS_DIRECTORY", "SOCKETS_DIRECTORY", "SPOOL_DIRECTORY"],
)
def test_the_image_has_the_directories_that_are_mounted(place):
    assert getattr(paths, place) in DOCKERFILE


def test_the_pages_say_only_what_the_configuration_gives_them():
    given = set(re.findall(r"\$(\w+)", render(Site())))
    for page in (SOURCE / "image/errors").iterdir():
        wanted = set(re.findall(r'echo var="(\w+)"', page.read_text()))
        assert wanted - {"status"} <= given
        assert "status" in wanted


def test_titles_can_stand_in_json_and_html():
    for words in (*errors.TITLES.values(), *errors.ADVICE.values()):
        assert re.fullmatch(r"[A-Za-z ,.]+", words)
