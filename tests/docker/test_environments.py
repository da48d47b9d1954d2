"""A stack made like another one runs beside it, takes its images over, and goes in the end."""

from __future__ import annotations

import subprocess

import pytest
import yaml

from tests.deployment import Deployment, free_port


@pytest.mark.docker
def test_an_environment_comes_takes_images_over_and_goes(project: Deployment):
    project.up()
    port = str(free_port())
    made = ("stack", "init", "pr-7", "--like", "dev", "--port", port, "--expires", "72h")
    project.webstack(*made)
    images = {name: each["image"] for name, each in project.outputs()["services"].items()}
    before = project.docker("images", "-q", f"{project.project}/*").split()
    page = project.root / "tests" / "applications" / "page" / "page.py"
    page.write_text(f"{page.read_text()}\n# not in what dev runs\n")

    project.webstack("promote", "dev", "pr-7", "--yes")
    outputs = yaml.safe_load(project.webstack("outputs", "pr-7", "--json").stdout)
    assert {name: each["image"] for name, each in outputs["services"].items()} == images
    assert sorted(project.docker("images", "-q", f"{project.project}/*").split()) == sorted(before)
    assert len(project.containers()) == 4
    preview = Deployment(project.root, project.project, int(port))
    assert "Grace" in preview.get("/notes").text
    assert "Grace" not in project.get("/notes").text
    assert (
        project.webstack("promote", "dev", "pr-7", "--yes", "--expect-no-changes").returncode == 0
    )

    bundle = project.root / "it.bundle"
    subprocess.run(["git", "init", "-q"], cwd=project.root, check=True)
    project.webstack("bundle", str(bundle), "dev")
    lost = images["shop"]
    project.docker("image", "rm", "--force", "--no-prune", lost)
    again = ("up", "pr-7", "--bundle", str(bundle), "--yes", "--expect-no-changes")
    assert project.webstack(*again).returncode == 0
    assert project.docker("images", "-q", lost).split()

    assert "No stack's time is over" in project.webstack("prune", "--expired", "--yes").stdout
    settings = project.root / "Pulumi.pr-7.yaml"
    document = yaml.safe_load(settings.read_text())
    document["config"]["webstack:expires"] = "2026-01-01T00:00:00Z"
    settings.write_text(yaml.safe_dump(document))
    project.webstack("promote", "dev", "pr-7", "--yes")
    assert "pr-7 is gone" in project.webstack("prune", "--expired", "--yes").stdout
    assert not [name for name in project.objects() if "-pr-7-" in name]
    assert not settings.exists()
    assert project.get("/").status == 200
