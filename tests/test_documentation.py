"""All that the pages name exists: commands and options, settings, variables, labels, files."""

from __future__ import annotations

import argparse
import importlib.util
import math
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from infra import service_images
from infra.base_images import BaseNames
from infra.policies.checking import all_policies
from infra.rollout.traffic import live_proxy
from infra.settings.checks.images import GIVEN
from infra.settings.files import settings_of
from infra.settings.reading import read
from infra.settings.sections import Service, Settings
from proxy.relay import PAUSES
from tests.test_layers import STOREYS
from webstack.cli import main
from webstack.cli.commands.deployment.rollback import ANNOUNCED
from webstack.cli.main import INTERRUPTED
from webstack.cli.review.markdown import LIMIT
from webstack.cli.terminal.prompts import DECLINED
from webstack.contract import yaml_settings
from webstack.engine.model.errors import StackNotFoundError

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "docs/gitlab-ci.yml"])
SETTINGS = sorted(ROOT.glob("Pulumi*.yaml"))
SOURCES = ("infra", "proxy", "webstack", "webstack_service", "services", "benchmarks")
FOLDERS = [
    name if name != "webstack" else "webstack/(?:contract|docker|engine|cli)" for name in SOURCES
]  # images are called webstack/…, too
NUMBERS = {12: "twelve", 13: "thirteen", 14: "fourteen", 15: "fifteen", 16: "sixteen"}
SECONDS = {3: "three", 4: "four", 5: "five"}
PULUMI_S_OWN = {"--preserve-config", "--run-program", "--skip-preview"}


def texts() -> Iterator[tuple[str, str]]:
    for page in (*PAGES, *SETTINGS):
        yield str(page.relative_to(ROOT)), page.read_text()


def code() -> str:
    """Give the text of all files of the project, except pages and tests."""
    files = [
        file
        for folder in SOURCES
        for file in (ROOT / folder).rglob("*")
        if file.suffix in {".py", ".conf", ".html", ""} and file.is_file()
        if not {"tests", "__pycache__", ".venv", "node_modules"} & set(file.relative_to(ROOT).parts)
    ]
    more = [*(ROOT / ".github").rglob("*.yml"), ROOT / "Makefile", *(ROOT / ".ci").iterdir()]
    return "\n".join(file.read_text(errors="replace") for file in (*files, *more))


def found(pattern: str) -> list[tuple[str, str]]:
    """Give all words of a kind that the pages say, each with its page."""
    return sorted({(page, match) for page, text in texts() for match in re.findall(pattern, text)})


def subparsers(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    return {
        name: command
        for action in parser._actions
        if isinstance(action, argparse._SubParsersAction)
        for name, command in action.choices.items()
    }


COMMANDS = found(r"(?:`|\$ |^\s+)(?:\.venv/bin/)?webstack ((?:[a-z][a-z-]*)[^`\n#|&>]*)")


@pytest.mark.parametrize(("page", "said"), COMMANDS)
def test_each_command_and_each_of_its_options_is_there(page: str, said: str):
    words = said.partition(" -- ")[0].split()  # what follows is another program's
    parser = subparsers(main.parser()).get(words[0])
    assert parser, f"{page}: webstack {said}"
    verbs = subparsers(parser)
    options = {option for action in parser._actions for option in action.option_strings}
    if verbs and len(words) > 1 and not words[1].startswith("-"):
        assert words[1] in verbs, f"{page}: webstack {said}"
        verb = verbs[words[1]]
        options = {option for action in verb._actions for option in action.option_strings}
    named = {word.strip("[].,;:").partition("=")[0] for word in words if word.startswith("-")}
    assert {word for word in named if len(word) > 1} <= options, f"{page}: webstack {said}"


def test_commands_are_looked_for_where_they_are_named():
    named = {said.split()[0] for _, said in COMMANDS}
    assert {"up", "rollback", "promote", "drift", "stack", "config"} <= named


def test_the_front_page_lists_the_commands():
    [listed] = re.findall(
        r"does the work: (.*?)\. Each takes", (ROOT / "README.md").read_text(), re.S
    )
    assert set(re.findall(r"`([a-z]+)`", listed)) == subparsers(main.parser()).keys()


def test_each_option_that_a_page_names_is_there():
    parsers = [*subparsers(main.parser()).values()]
    parsers += [verb for parser in parsers for verb in subparsers(parser).values()]
    options = {
        option for each in parsers for action in each._actions for option in action.option_strings
    }
    benchmarks = set(re.findall(r'"(--[a-z-]+)"', code()))
    named = {option for _, option in found(r"`(--[a-z-]+)")}
    assert named - options - benchmarks <= PULUMI_S_OWN


def test_each_setting_that_a_page_names_is_there():
    fields = {field.name for field in msgspec.structs.fields(Settings)} | {"engine"}
    fields.add("name")  # stands for that of a secret
    said = found(r"webstack:([a-z_]+)")
    assert said
    assert [each for each in said if each[1] not in fields] == []


@pytest.mark.parametrize("pattern", [r"\bWEBSTACK_[A-Z_]+[A-Z]\b", r"`(webstack\.[a-z]+)`"])
def test_each_variable_and_label_that_a_page_names_is_there(pattern: str):
    everything = code()
    said = found(pattern)
    assert said
    assert [each for each in said if each[1] not in everything] == []


def test_each_file_that_a_page_names_is_there():
    places = "|".join((*FOLDERS, "tests", "docs", r"\.github", r"\.ci"))
    said = found(rf"`((?:{places})/[\w./-]+)`")
    assert said
    made = {
        *("services/shop", "services/hello", "services/web"),
        *("tests/infra/test_ours.py", "infra/policies/rules/ours.py"),
    }
    assert [each for each in said if not (ROOT / each[1]).exists() and each[1] not in made] == []


def test_each_module_that_a_page_starts_is_there():
    said = found(r"python3? -m ([a-z_.]+[a-z_])")
    assert said
    assert [each for each in said if importlib.util.find_spec(each[1]) is None] == []


def test_each_link_leads_somewhere():
    for page in PAGES:
        links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text())
        broken = [link for link in links if "://" not in link and not (page.parent / link).exists()]
        assert broken == [], page


def test_each_message_that_troubleshooting_names_is_in_the_code():
    """In the page, ``…`` stands for the part of a message that is filled in."""
    joined = re.sub(r'"\s*\n\s*f?"', "", code())
    filled = re.sub(r"\{[^{}]*\}", "…", joined)
    page = (ROOT / "docs/troubleshooting.md").read_text()
    said = re.findall(r"^\| `([^`]+)`", page, re.MULTILINE)
    assert len(said) > 40
    parts = {part.strip(" :") for each in said for part in each.split("…")}
    assert {part for part in parts if part not in filled} == set()


@pytest.mark.parametrize("house", STOREYS)
def test_the_pages_give_the_packages_in_their_order(house: str):
    words = " · ".join(f"`{package}`" for package in STOREYS[house])
    row = f"| `{house.replace('.', '/')}` | {words} |"
    assert row in (ROOT / "docs/architecture.md").read_text()


def test_the_map_of_the_engine_has_each_package():
    page = (ROOT / "docs/engine.md").read_text().partition("## Its packages")[2]
    assert re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE) == [*STOREYS["webstack.engine"]]


def test_builds_get_the_arguments_that_the_page_on_services_lists():
    config = settings_of("dev")
    valid = read({key: yaml_settings.as_text(value) for key, value in config.items()})
    given = service_images.build_arguments(valid, BaseNames("debian", "python", "build"), "flask")
    assert tuple(sorted(given)) == tuple(sorted(GIVEN))
    [listed] = re.findall(
        r"^A build gets (.*?)\. It has to", (ROOT / "docs/services.md").read_text(), re.S | re.M
    )
    assert set(re.findall(r"`([A-Z_]+)`", listed)) == given.keys()


def _constant(file: str, name: str) -> str:
    """Give a constant of a command of the proxy's image, none of which can be imported."""
    [value] = re.findall(rf"^{name} = (\S+)$", (ROOT / file).read_text(), re.MULTILINE)
    return str(value)


def _default(model: type[msgspec.Struct], name: str) -> object:
    return {field.name: field.default for field in msgspec.structs.fields(model)}[name]


CLOSING = _constant("proxy/image/commands/webstack_closing.py", "LONGEST")


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("README.md", f"{NUMBERS[len(all_policies())]} are there"),
        ("docs/proxy.md", f"(setting `spool`, {_default(Service, 'spool')} MiB)"),
        ("docs/proxy.md", f"for {CLOSING} while connections are idle"),
        ("docs/proxy.md", f"after {live_proxy._ANNOUNCED} or {ANNOUNCED} seconds"),
        ("docs/pull-requests.md", f"{LIMIT:,} characters"),
        ("docs/decisions/0006-a-relay-for-tcp.md", f"{SECONDS[math.ceil(sum(PAUSES))]} seconds"),
        ("docs/setup.md", f"{DECLINED} declined; {INTERRUPTED} interrupted"),
        ("docs/setup.md", f"{StackNotFoundError.exit_code} no such stack"),
    ],
)
def test_a_number_on_a_page_is_that_of_the_code(page: str, words: str):
    assert words in " ".join((ROOT / page).read_text().split())
