"""An application for gunicorn: small answers, large ones, and bodies that it counts."""

from urllib.parse import parse_qs

CHUNK = b"x" * 65536


def app(environ, start_response):
    query = parse_qs(environ["QUERY_STRING"])
    size = sum(len(part) for part in iter(lambda: environ["wsgi.input"].read(65536), b""))
    if "mib" not in query:
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [str(size).encode()]
    length = int(query["mib"][0]) << 20
    headers = [("Content-Type", "text/plain"), ("Content-Length", str(length))]
    start_response("200 OK", headers)
    return (CHUNK for _ in range(length // len(CHUNK)))
