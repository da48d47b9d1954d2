"""The sites whose configuration stands in golden/, one file each."""

from proxy import Cache, Media, Rate, Redirect, RoutedService, Site

SITES = {
    "nothing": Site(),
    "path-and-host": Site(
        hosts=("localhost",),
        backends=(
            RoutedService("flask", path="/", hosts=("flask.localhost",), static=True),
            RoutedService("django", path="/django", hosts=("django.localhost",), static=True),
        ),
    ),
    "replicas": Site(
        hosts=("www.example.org", "example.org"),
        backends=(
            RoutedService("shop", replicas=3, path="/shop", static=True, timeout=60, body_limit=2),
            RoutedService("upload", path="/shop/upload.v2", body_limit=500),
        ),
        workers=4,
    ),
    "prefixes": Site(
        hosts=("example.org", "*.example.org"),
        backends=(
            RoutedService("knows", path="/knows"),
            RoutedService(
                "blog",
                path="/blog",
                hosts=("blog.example.com",),
                strip_prefix=True,
                redirects=(Redirect("/feed", "/rss", 301),),
            ),
            RoutedService("shared", path="/shared", scope_cookies=False),
        ),
        redirect_hosts=(("www.example.org", "example.org"),),
        redirects=(Redirect("/docs/*", "https://docs.example.org/*", 302),),
    ),
    "media": Site(
        hosts=("localhost",),
        backends=(
            RoutedService(
                "shop",
                path="/shop",
                hosts=("shop.localhost",),
                static=True,
                media=(Media("/media", "/srv/media/shop/uploads"),),
            ),
        ),
    ),
    "own-words": Site(
        hosts=("example.org",),
        backends=(
            RoutedService(
                "shop",
                path="/shop",
                hosts=("shop.example.org",),
                server_words="charset utf-8;",
                location_words="\n    proxy_ignore_headers X-Accel-Expires;\n\n    # why\n",
            ),
        ),
        http_words="map $uri $shown {\n    default 1;\n}",
        server_words="set $shown_here $shown;",
    ),
    "cached": Site(
        counted=True,
        hosts=("localhost",),
        backends=(
            RoutedService(
                "my-shop",
                path="/shop",
                hosts=("shop.localhost",),
                cache=Cache(
                    time=5, vary=("Accept-Language",), bypass=("sessionid", "a.b"), never=("/up",)
                ),
            ),
            RoutedService("blog", path="/blog", cache=Cache(stale=False, memory=256)),
        ),
        trusted=("10.0.0.0/8",),
    ),
    "guarded": Site(
        hosts=("localhost",),
        backends=(
            RoutedService(
                "my-office",
                path="/office",
                static=True,
                rate=Rate(5, 10),
                connections=20,
                login=True,
                allow=("10.0.0.0/8",),
                deny=("10.6.6.6", "2001:db8::/32"),
                headers=(("Content-Security-Policy", "default-src 'self'"), ("X-Robots-Tag", "")),
            ),
            RoutedService("shop", path="/"),
        ),
        indexed=False,
        source_maps=False,
    ),
    "hosts-only": Site(
        backends=(
            RoutedService("b", hosts=("b.example.org", "a.example.org")),
            RoutedService("a", hosts=("c.example.org",)),
        ),
    ),
}
