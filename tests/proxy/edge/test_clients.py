"""Only trusted proxies are believed about the address of a client."""

import re

from proxy import RoutedService, Site, render
from proxy.edge.clients import client_tables
from proxy.syntax import text

SERVICE = RoutedService("shop", path="/", hosts=("*.shop.test",))


def test_without_a_trusted_proxy_nobody_is_believed():
    conf = render(Site(hosts=("site.test",), backends=(SERVICE,)))
    assert "real_ip" not in conf
    assert "X-Forwarded-Proto $scheme;" in conf


def test_a_host_is_believed_only_if_it_is_ours():
    site = Site(hosts=("site.test",), backends=(SERVICE,), trusted=("192.0.2.0/24",))
    conf = text(client_tables(site))
    ours = re.compile(re.search(r'"~\*(\^1 .*)" \$1;', conf)[1], re.IGNORECASE)
    for host in ("site.test", "site.test:8443", "a.shop.test", "a.b.shop.test"):
        assert ours.fullmatch(f"1 {host}")[1] == host
    for host in ("evil.test", "site.test.evil.test", "sitextest", "shop.test", ""):
        assert not ours.fullmatch(f"1 {host}")
    assert not ours.fullmatch(" site.test")
