"""HTTPS is configured in nginx.conf."""

import re

from proxy import RoutedService, Site, Tls, render


def site(**tls):
    service = RoutedService("shop", path="/", hosts=("shop.test",), body_limit=1)
    return render(Site(hosts=("site.test",), backends=(service,), tls=Tls(**tls)))


def servers(text: str) -> list[str]:
    return re.split(r"\n    server \{\n", text)[1:]


def test_without_tls_nothing_speaks_it():
    text = render(Site(hosts=("site.test",), backends=(RoutedService("shop", path="/"),)))
    assert "ssl" not in text
    assert "http2" not in text


def test_post_quantum_key_exchange_is_left_to_openssl():
    assert "ssl_ecdh_curve" not in site()
    assert "ssl_stapling" not in site()


def test_profiles_differ_in_the_oldest_protocol():
    assert "ssl_protocols TLSv1.2 TLSv1.3;" in site()
    modern = site(profile="modern")
    assert "ssl_protocols TLSv1.3;" in modern
    assert "ssl_ciphers" not in modern


def test_a_directory_is_answered_without_tls_by_every_server():
    plain = [each for each in servers(site(challenges=True)) if "listen 8080" in each]
    assert len(plain) == 2  # of unknown hosts, and the redirect
    assert all("location ^~ /.well-known/acme-challenge/ {" in each for each in plain)
    assert "acme-challenge" not in site()


def test_http2_is_spoken_only_with_tls():
    """On a port without TLS, clients could speak HTTP/2 unannounced."""
    for server in servers(site(redirect=False)):
        plain_default = "listen 8080 default_server" in server
        assert not (plain_default and "http2 on" in server)


def test_routes_are_reached_without_tls_only_where_that_is_asked():
    routes = [server for server in servers(site()) if "proxy_pass http://shop" in server]
    assert all("listen 8443 ssl" in each and "listen 8080" not in each for each in routes)
    both = [server for server in servers(site(redirect=False)) if "http://shop" in server]
    assert all("listen 8443 ssl" in each and "listen 8080;" in each for each in both)


def test_a_redirect_names_the_port_that_clients_use():
    assert "return 308 https://$host$request_uri;" in site()
    assert "return 308 https://$host:8443$request_uri;" in site(published=8443)
    assert "server_name shop.test site.test;" in site()


def test_a_service_may_say_itself_how_long_browsers_stay_at_https():
    text = site(hsts="max-age=60")
    table = text.partition("$hsts {")[2].partition("}")[0]
    assert table.split() == ["default", '"";', "https", '"max-age=60";']
