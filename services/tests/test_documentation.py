"""The examples of docs/services.md are run as they stand there."""

import re
from pathlib import Path

import pytest
from infra.settings.reading import read
from webstack.contract import yaml_settings

PROJECT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```\w+\n# (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def examples():
    """The documented files by their path, which is the first line of each."""
    return dict(BLOCK.findall((PROJECT / "docs/services.md").read_text()))


def test_the_documented_settings_are_accepted():
    documented = yaml_settings.parsed(examples()["Pulumi.dev.yaml"])
    valid = read({key: yaml_settings.as_text(value) for key, value in documented.items()})
    assert valid.services["hello"].source == "services/hello"


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


def test_links_in_the_documentation_lead_somewhere():
    links = re.findall(r"\]\(([^)#]+)\)", (PROJECT / "docs/services.md").read_text())
    assert links
    assert [link for link in links if not (PROJECT / "docs" / link).exists()] == []
