"""An image is in use where a container needs its name, or would be left without any."""

import pytest

from webstack.cli.daemon.containers import StackOnDocker
from webstack.cli.daemon.stored import Stored
from webstack.docker.errors import RefusedError


class FakeApi:
    """A daemon with images of two projects, one of which they share."""

    def __init__(self):
        self.removed = []
        self.ran = []

    def images(self):
        return [
            {"Id": "1", "RepoTags": ["shop/web:a", "other/web:a"]},
            {"Id": "2", "RepoTags": ["shop/web:b"]},
            {"Id": "3", "RepoTags": ["shop/web:c"]},
            {"Id": "4", "RepoTags": None},
        ]

    def containers(self, all=False, filters=None):  # noqa: A002 - docker's own name
        if filters == {"label": ["webstack.project=Shop"]}:
            assert all, "one that has been stopped is someone's, too"
            return [{"Id": "1", "Names": ["/Shop-staging-web-0-a"]}]
        if filters:
            return [{"Id": "nginx"}]
        return [{"ImageID": "1", "Image": "other/web:a"}, {"ImageID": "2", "Image": "2"}]

    def remove_image(self, reference):
        if reference == "shop/web:b":
            raise RefusedError("in use")
        self.removed.append(reference)

    def exec_create(self, container, command, user):
        assert user == "0", "the files are root's"
        self.ran.append(command)
        return {"Id": "job"}

    def exec_start(self, job):
        return b"web/site.0.css\nweb/site.1.css\n"

    def exec_inspect(self, job):
        return {"ExitCode": 0}


@pytest.fixture
def api():
    return FakeApi()


@pytest.fixture
def stored(api, monkeypatch):
    monkeypatch.setattr("webstack.cli.daemon.containers.shared", lambda host: api)
    return Stored(StackOnDocker("Shop", "dev"))


def test_a_name_that_no_container_needs_can_go(stored):
    assert stored.images() == {"shop/web:a": False, "shop/web:b": True, "shop/web:c": False}


def test_an_image_that_the_engine_wants_to_keep_stays(stored, api):
    assert [stored.remove_image(f"shop/web:{tag}") for tag in "abc"] == [True, False, True]
    assert api.removed == ["shop/web:a", "shop/web:c"]


def test_static_files_are_removed_in_nginx(stored, api):
    assert stored.static_files() == ["web/site.0.css", "web/site.1.css"]
    stored.remove_static_files(["web/site.0.css"])
    assert ["rm", "-f", "/srv/static/web/site.0.css"] in api.ran


def test_nothing_is_asked_of_nginx_where_nothing_goes(stored, api):
    stored.remove_static_files([])
    assert api.ran == []


def test_containers_of_every_stack_of_the_project_are_told(stored):
    assert stored.containers() == {"1": "Shop-staging-web-0-a"}
