"""The listener is a part."""

from __future__ import annotations

from infra.parts.listener import Listener, listener_volume
from tests.infra.releases import STACK, made


def test_it_outlasts_releases_and_publishes_the_port():
    spec = made()
    listener = Listener(STACK, spec.settings, spec.proxy)
    [each] = listener.containers
    assert listener.outlasts_releases
    assert [port.external for port in each.container.published] == [spec.settings.port]
    assert each.formerly == ("proxy-holder",)


def test_the_socket_that_it_lends_is_in_memory():
    spec = made()
    volumes = {each.name: each for each in Listener(STACK, spec.settings, spec.proxy).volumes}
    lent = volumes[listener_volume(STACK)]
    assert lent.memory_of == int(spec.proxy.nginx.user.partition(":")[0])
