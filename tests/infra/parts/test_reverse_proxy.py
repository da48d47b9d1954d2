"""The reverse proxy is a part."""

from __future__ import annotations

from infra.parts.listener import Listener
from infra.parts.reverse_proxy import ReverseProxy
from tests.infra.releases import STACK, made

SPEC = made()


def test_nginx_stands_on_the_listener_in_one_component_with_it():
    nginx = ReverseProxy(STACK, SPEC.settings, SPEC.proxy, ())
    listener = Listener(STACK, SPEC.settings, SPEC.proxy)
    [container], [below] = nginx.containers, listener.containers
    assert container.after == (below.resource,)
    assert nginx.component == listener.component
    assert nginx.component.outputs == {"container": SPEC.proxy.nginx.name}


def test_its_volumes_are_its_own_and_those_of_no_release():
    nginx = ReverseProxy(STACK, SPEC.settings, SPEC.proxy, ())
    mounted = {mount.volume for mount in nginx.containers[0].container.mounts}
    assert {each.name for each in nginx.volumes} < mounted
    assert all(each.memory_of is None for each in nginx.volumes)
