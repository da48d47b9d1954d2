"""Changes that somebody made to the machine by hand show, and `up --refresh` mends them."""

from __future__ import annotations

import json

import pytest

from proxy import paths
from tests.deployment import Deployment


def drift(stack: Deployment) -> tuple[int, dict[str, dict[str, object]]]:
    """Give the exit code of `webstack drift`, and what it tells by the resources' names."""
    done = stack.webstack("drift", "--json", check=False)
    return done.returncode, {each["urn"].split("::")[-1]: each for each in json.loads(done.stdout)}


def state(stack: Deployment) -> bytes:
    [file] = (stack.root / ".state" / ".pulumi" / "stacks" / stack.project).glob("dev.json")
    return file.read_bytes()


@pytest.mark.docker
def test_drift_shows_and_is_mended(stack: Deployment):
    assert drift(stack) == (0, {})
    shop, wiki = sorted(stack.containers())
    [nginx] = stack.containers("proxy")
    named = f"name={stack.project}-dev-edge"
    edge = stack.docker("network", "ls", "--filter", named, "--format", "{{.Name}}")
    links = f"ln -sfn {paths.SOCKETS_DIRECTORY}/shop/none.sock {paths.link('shop', 0)}"

    stack.docker("rm", "-f", wiki)
    stack.docker("update", "--memory", "300m", "--memory-swap", "300m", shop)
    stack.docker("network", "disconnect", edge, f"{stack.project}-dev-proxy-holder-{stack.port}")
    stack.docker("network", "rm", edge)
    stack.docker("exec", nginx, "sh", "-c", links)
    before = state(stack)
    code, found = drift(stack)

    assert code == 2
    assert state(stack) == before
    names = {name.rpartition("-")[0] or name for name in found}
    assert names == {"wiki-0", "shop-0", "edge", "proxy-holder", "release"}, found
    told = {name.rpartition("-")[0] or name: each for name, each in found.items()}
    assert told["wiki-0"]["change"] == "gone"
    assert told["wiki-0"]["remedy"] == "create"
    assert told["shop-0"]["properties"][0] == {"path": "memory", "state": 256, "machine": 300}
    assert told["edge"]["remedy"] == "create"
    assert told["release"]["properties"][0]["machine"] == "none.sock"

    stack.webstack("up", "--yes", "--refresh")
    assert drift(stack) == (0, {})
    assert stack.get("/").status == stack.get("/wiki/").status == 200
