"""The examples of docs/services.md work as they are written there."""

import re
from pathlib import Path

import pytest
from infra.settings.reading import read
from webstack.contract import yaml_settings

PROJECT = Path(__file__).parents[2]
DOTALL = re.MULTILINE | re.DOTALL
BLOCK = re.compile(r"^```\w+\n# (\S+)\n(.*?)^```$", DOTALL)


BLOCKS = BLOCK.findall((PROJECT / "docs/services.md").read_text())


def examples():
    """Give the documented files by path, which is their first line; the first of a path counts."""
    return dict(reversed(BLOCKS))


def test_the_documented_settings_are_accepted():
    sources = []
    for name, text in BLOCKS:
        if name == "Pulumi.dev.yaml":
            documented = yaml_settings.parsed(text)
            valid = read({key: yaml_settings.as_text(value) for key, value in documented.items()})
            sources += [each.source for each in valid.services.values()]
    assert "services/hello" in sources


@pytest.mark.docker
def test_the_smallest_service_keeps_the_contract(start, tmp_path):
    folder = tmp_path / "hello"
    folder.mkdir()
    for name in ("hello.py", "Dockerfile"):
        (folder / name).write_text(examples()[f"services/hello/{name}"])
    service = start(folder)
    assert service.ask("/").status == 200
    assert '<a href="/hello/">' in service.ask("/", prefix="/hello").body
    service.container.stop(timeout=20)
    service.container.reload()
    assert service.container.attrs["State"]["ExitCode"] == 0


@pytest.mark.docker
def test_an_image_of_another_origin_takes_a_copy_of_the_package(engine, base_images, tmp_path):
    """No registry is asked here, so a base image without the package stands for the other image."""
    page = (PROJECT / "docs/services.md").read_text()
    [recipe] = re.findall(
        r"^```dockerfile\n(ARG PYTHON\n.*?python:3\.12-slim.*?)^```$", page, DOTALL
    )
    (tmp_path / "Dockerfile").write_text(recipe.replace("python:3.12-slim", base_images.python))
    arguments = {"PYTHON": base_images.service}
    image, _ = engine.images.build(path=str(tmp_path), buildargs=arguments, rm=True)
    try:
        command = [
            "python3",
            "-c",
            "from webstack_service import gunicorn_config as c; print(c.threads)",
        ]
        assert engine.containers.run(image.id, command, remove=True) == b"4\n"
    finally:
        engine.images.remove(image.id, force=True)


def test_links_in_the_documentation_lead_somewhere():
    links = re.findall(r"\]\(([^)#]+)\)", (PROJECT / "docs/services.md").read_text())
    assert links
    assert [link for link in links if not (PROJECT / "docs" / link).exists()] == []
