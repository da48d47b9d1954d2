"""Sites whose configuration stands in golden/, one file each."""

from proxy import Backend, Site

SITES = {
    "nothing": Site(),
    "path-and-host": Site(
        hosts=("localhost",),
        backends=(
            Backend("flask", path="/", hosts=("flask.localhost",), static=True),
            Backend("django", path="/django", hosts=("django.localhost",), static=True),
        ),
    ),
    "replicas": Site(
        hosts=("www.example.org", "example.org"),
        backends=(
            Backend("shop", replicas=3, path="/shop", static=True, timeout=60, body_limit=2),
            Backend("upload", path="/shop/upload.v2", body_limit=500),
        ),
        workers=4,
    ),
    "hosts-only": Site(
        backends=(
            Backend("b", hosts=("b.example.org", "a.example.org")),
            Backend("a", hosts=("c.example.org",)),
        ),
    ),
}
