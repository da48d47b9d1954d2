"""Recognises a site of files alone: pages that need a server, and no application."""

from __future__ import annotations

from webstack.cli.applications.findings import Found, Framework
from webstack.cli.applications.tree import SourceTree

MODULE = "webstack_site"
_BUILT = ("dist", "build", "out", "_site", "public", "site", "www", "html")
"""Where pages lie that something has built, or that someone keeps apart."""
_OTHER_SERVERS = {
    *("go.mod", "Cargo.toml", "Gemfile", "composer.json", "pom.xml", "build.gradle", "mix.exs"),
    *("index.php", "server.js"),
}
_SERVER = '''\
"""Serves the pages of /srv/static; written by `webstack add`."""

from pathlib import Path

from whitenoise import WhiteNoise

_MISSING = Path("/srv/static/404.html")


def _missing(environ, start_response):
    page = _MISSING.read_bytes() if _MISSING.is_file() else b"There is no such page.\\n"
    kind = "text/html" if _MISSING.is_file() else "text/plain"
    start_response("404 Not Found", [("Content-Type", f"{kind}; charset=utf-8")])
    return [page]


application = WhiteNoise(_missing, root="/srv/static", index_file=True, allow_all_origins=False)
'''


def recognise(tree: SourceTree) -> Framework | None:
    """Give what serves the pages; None where there are none, or they are another program's."""
    index = next((name for name in _indexes() if name in tree.names), None)
    if index is None or _OTHER_SERVERS & tree.names or ("/" in index and tree.python()):
        return None
    return Framework(
        name="a static site",
        settings=(
            Found("app", f"{MODULE}:application", f"{MODULE}.py"),
            Found("health", "/", index),
        ),
        prepare=(_copy(),),
        files={f"{MODULE}.py": _SERVER},
        installs=("whitenoise",),
    )


def _indexes() -> list[str]:
    return ["index.html", *(f"{folder}/index.html" for folder in _BUILT)]


def _copy() -> str:
    """Copy the pages, what was built rather than what it was built from; no hidden files."""
    return (
        f"for folder in {' '.join(_BUILT)} .; do [ -f $folder/index.html ] && break; done \\\n"
        " && cd $folder && find . -type f \\( -path './.well-known/*' -o -not -path '*/.*' \\) \\\n"
        f"    -not -name {MODULE}.py -exec cp --parents -t /srv/static {{}} +"
    )
