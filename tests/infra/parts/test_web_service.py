"""A web service is a part with containers, a route, and a gate."""

from __future__ import annotations

from typing import Any

from infra.parts.web_service import WebService
from infra.program_input import Kept
from infra.settings.sections import Cache
from infra.settings.types import Secret
from proxy import Media
from tests.infra.releases import STACK, made


def part(kept: Kept | None = None, values: dict[str, str] | None = None, **body: Any) -> WebService:
    spec = made(shop={"path": "/shop", **body})
    [release] = spec.releases
    return WebService(STACK, "shop", spec.settings, release, kept or Kept(), values or {})


def test_a_service_on_its_socket_is_one_container_for_each_replica():
    shop = part(replicas=2)
    first, second = shop.containers
    assert [each.resource.split("-")[:2] for each in (first, second)] == [
        ["shop", "0"],
        ["shop", "1"],
    ]
    assert all(each.sealed and not each.after for each in (first, second))
    assert not shop.outlasts_releases


def test_a_relay_comes_before_the_container_that_it_stands_before_and_knows_no_secret():
    relay, served = part(port=9000).containers
    assert relay.resource == f"{served.resource}-relay"
    assert served.after == (relay.resource,)
    assert (relay.sealed, served.sealed) == (False, True)


def test_the_page_of_its_health_is_never_kept():
    assert part().route.cache is None
    cache = part(cache=Cache(time=5), health="/up/?full=1").route.cache
    assert (cache.time, cache.never) == (5, ("/up/",))
    assert part(cache=Cache(), health="/a%20b").route.cache.never == ()


def test_its_data_is_protected_and_its_sockets_are_in_memory():
    data, sockets = part(data="/data").volumes
    assert (data.resource, data.name) == ("shop-data", "webstack-dev-shop-data")
    assert data.protect
    assert data.memory_of is None
    assert (sockets.resource, sockets.protect) == ("shop-sockets", False)
    assert sockets.memory_of


def test_its_named_volumes_are_protected_and_mounted():
    shop = part(data="/data", volumes={"uploads": "/up", "index": "/idx"})
    kept = [each for each in shop.volumes if each.protect]
    assert [each.resource for each in kept] == ["shop-data", "shop-index", "shop-uploads"]
    assert kept[2].name == "webstack-dev-shop-uploads"
    [container] = shop.containers
    mounts = {mount.target: mount.volume for mount in container.container.mounts}
    assert mounts["/up"] == "webstack-dev-shop-uploads"
    assert mounts["/data"] == "webstack-dev-shop-data"


def test_a_volume_that_is_kept_stays_without_its_setting():
    kept = Kept(volumes=("uploads",))
    assert "shop-uploads" in [each.resource for each in part(kept).volumes]
    once = part(kept, volumes={"uploads": "/up"}).volumes
    assert [each.resource for each in once].count("shop-uploads") == 1


def test_its_media_are_where_nginx_sees_the_volume():
    shop = part(volumes={"uploads": "/up"}, media={"/media": "/up/img"})
    assert shop.route.media == (Media("/media", "/srv/media/shop/uploads/img"),)


def test_all_its_static_folders_are_copied_and_served():
    shop = part(static="/app/static", static_at={"/assets": "/app/dist"})
    assert shop.gate.static_folders("shop") == {"shop": "/app/static", "shop.assets": "/app/dist"}
    assert shop.route.static_paths == ("/assets", "/static")
    assert part(static="/app/static").gate.static == "/app/static"
    assert part(static_at={"/a": "/b"}).gate.static_folders("shop") == {"shop.a": "/b"}


def test_it_is_reached_and_asked_as_its_settings_say():
    shop = part(replicas=2, hosts=("shop.example.com",), health="/up", before_release=("migrate",))
    assert (shop.route.name, shop.route.path, shop.route.replicas) == ("shop", "/shop", 2)
    assert shop.route.hosts == ("shop.example.com",)
    assert shop.gate.check.path == "/up"
    assert shop.gate.before_release == ("migrate",)
    assert [target.container for target in shop.gate.replicas] == [
        each.container.name for each in shop.containers
    ]


def test_what_is_kept_of_a_service_outlasts_releases_and_serves_nothing():
    kept = Kept(data=True, secrets={"later-key": 2})
    later = WebService(STACK, "later", made().settings, None, kept)
    assert later.outlasts_releases
    assert [each.resource for each in later.volumes] == ["later-data"]
    [secret] = later.secrets
    assert (secret.resource, secret.secret.serial, secret.variable) == ("later-key", 2, None)
    assert (later.containers, later.route, later.gate, later.image) == ((), None, None, None)


def test_a_secret_that_is_wanted_is_not_kept_a_second_time():
    kept = Kept(secrets={"shop-key": 7, "shop-old": 3})
    secrets = part(kept, {"KEY": "hush"}, secret_environment={"KEY": Secret(serial=1)}).secrets
    assert [(each.resource, each.secret.serial, each.variable) for each in secrets] == [
        ("shop-key", 1, "KEY"),
        ("shop-old", 3, None),
    ]
    assert secrets[0].restored == "hush"


def test_the_value_of_a_secret_is_in_no_representation():
    shop = part(values={"KEY": "hush"}, secret_environment={"KEY": Secret()})
    assert shop.secrets[0].restored == "hush"
    assert "hush" not in repr(shop)
    assert "hush" not in repr(shop.secrets)
