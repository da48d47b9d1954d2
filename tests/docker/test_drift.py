"""Changes that somebody made to the machine by hand show, and `up --refresh` mends them."""

from __future__ import annotations

import json

import pytest

from proxy import paths
from tests.deployment import Deployment


def drift(project: Deployment) -> tuple[int, dict[str, dict[str, object]]]:
    """Give the exit code of `webstack drift`, and what it tells by the resources' names."""
    done = project.webstack("drift", "--json", check=False)
    return done.returncode, {each["urn"].split("::")[-1]: each for each in json.loads(done.stdout)}


def state(project: Deployment) -> bytes:
    [file] = (project.root / ".state" / ".pulumi" / "stacks" / project.project).glob("dev.json")
    return file.read_bytes()


@pytest.mark.docker
def test_drift_shows_and_is_mended(project: Deployment):
    project.up()
    assert drift(project) == (0, {})
    shop, wiki = sorted(project.containers())
    [nginx] = project.containers("proxy")
    named = f"name={project.project}-dev-edge"
    edge = project.docker("network", "ls", "--filter", named, "--format", "{{.Name}}")
    links = f"ln -sfn {paths.SOCKETS_DIRECTORY}/shop/none.sock {paths.link('shop', 0)}"

    project.docker("rm", "-f", wiki)
    project.docker("update", "--memory", "300m", "--memory-swap", "300m", shop)
    project.docker(
        "network", "disconnect", edge, f"{project.project}-dev-proxy-holder-{project.port}"
    )
    project.docker("network", "rm", edge)
    project.docker("exec", nginx, "sh", "-c", links)
    before = state(project)
    code, found = drift(project)

    assert code == 2
    assert state(project) == before
    names = {name.rpartition("-")[0] or name for name in found}
    assert names == {"wiki-0", "shop-0", "edge", "proxy-holder", "release"}, found
    told = {name.rpartition("-")[0] or name: each for name, each in found.items()}
    assert told["wiki-0"]["change"] == "gone"
    assert told["wiki-0"]["remedy"] == "create"
    assert told["shop-0"]["properties"][0] == {"path": "memory", "state": 256, "machine": 300}
    assert told["edge"]["remedy"] == "create"
    assert told["release"]["properties"][0]["machine"] == "none.sock"

    project.webstack("up", "--yes", "--refresh")
    assert drift(project) == (0, {})
    assert project.get("/").status == project.get("/wiki/").status == 200
