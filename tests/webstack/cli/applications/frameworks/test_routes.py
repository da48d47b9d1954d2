"""Decorators tell the addresses that an application serves, with prefixes of blueprints."""

from __future__ import annotations

import pytest

from tests.webstack.cli.applications.trees import FLASK, found, settings, tree
from webstack.cli.applications.frameworks.routes import routes

UP = 'up = Blueprint("up", __name__, url_prefix="/up")\n@up.get("/")\ndef index(): ...\n'


@pytest.mark.parametrize(
    ("code", "addresses"),
    [
        (UP, ["/up/"]),
        ('@app.route("/")\ndef a(): ...\n@app.get("/x")\nasync def b(): ...\n', ["/", "/x"]),
        ('bp = Blueprint("a", __name__)\n@bp.route("/a")\ndef a(): ...\n', ["/a"]),
        ('r = APIRouter(prefix="/api")\n@r.get("/health")\ndef a(): ...\n', ["/api/health"]),
        ('r = APIRouter(prefix="/ping")\n@r.get("")\ndef a(): ...\n', ["/ping"]),
        ('@app.post("/x")\ndef a(): ...\n@cache.get("key")\ndef b(): ...\n', []),
        ("def (", []),
    ],
)
def test_the_addresses_of_a_module(code: str, addresses: list[str]):
    assert [address for address, _ in routes(tree({"a.py": code}), ["a.py"])] == addresses


def test_a_prefix_that_a_blueprint_is_registered_with():
    files = {
        "shop/__init__.py": "from shop.auth import bp as auth_bp\n"
        'app.register_blueprint(auth_bp, url_prefix="/auth")\n',
        "shop/auth/__init__.py": 'bp = Blueprint("auth", __name__)\n',
        "shop/auth/views.py": 'bp = Blueprint("x", __name__)\n@bp.route("/")\ndef a(): ...\n',
    }
    assert list(routes(tree(files), list(files))) == [("/auth/", "shop/auth/views.py")]


def test_the_page_for_health_may_be_on_a_blueprint():
    said = settings(found({**FLASK, "up.py": UP}))
    assert said["health"] == "/up/"


def test_the_root_of_a_blueprint_is_no_front_page():
    code = FLASK["app.py"].replace('"/"', '"/shop"')
    blueprint = 'bp = Blueprint("a", __name__, url_prefix="/a")\n@bp.get("/")\ndef f(): ...\n'
    said = settings(found({**FLASK, "app.py": code + blueprint}))
    assert said["health"] == {"path": "/", "status": ["200-404"]}
