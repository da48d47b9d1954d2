"""Previews are reviewed as recorded, from the real CLI and from the embedded engine."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any

import pytest
from markdown_it import MarkdownIt
from msgspec.structs import replace

from tests.webstack.cli.review.write_golden import CASES, GOLDEN, recording
from webstack.cli.review.document import LARGEST, ReviewError, checked, parse
from webstack.cli.review.markdown import LIMIT, comment, full_text, marker
from webstack.cli.review.model import Outcome, Review
from webstack.cli.review.reading import review
from webstack.cli.review.sections import plain


def read(case: str, engine: str = "cli", **options: Any) -> Review:
    return review(parse(recording(case, engine)), **options)


@pytest.mark.parametrize("case", CASES)
def test_a_review_is_as_it_was_when_a_person_read_it(case: str):
    """After an intended change: python -m tests.webstack.cli.review.write_golden, and read."""
    assert full_text(read(case)) == (GOLDEN / f"{case}.md").read_text()


@pytest.mark.parametrize("case", CASES)
def test_both_engines_lead_to_the_same_review(case: str):
    assert read(case, "cli") == read(case, "embedded")


def test_a_review_does_not_depend_on_the_order_of_steps():
    """Independent steps come in any order; the comment must not be edited for that."""
    services = [step_of("webstack:service:WebService", path=str(n)) for n in range(9)]
    images = [step_of("webstack:image:ServiceImage", reference=str(n)) for n in range(9)]
    steps = [{**step, "urn": f"{step['urn']}{n}"} for n, step in enumerate([*services, *images])]
    one, other = (checked({"steps": given}) for given in (steps, steps[::-1]))
    assert review(one) == review(other)


@pytest.mark.parametrize(
    ("case", "headline"),
    [
        ("nothing", "No changes"),
        ("code", "1 service rolls without a gap, nothing lost"),
        (
            "port",
            "Nginx hands over without a gap, the published port moves without a gap, nothing lost",
        ),
        ("address", "1 restarts (about 3 s), nothing lost"),
        ("proxy", "Nginx hands over without a gap, nothing lost"),
        ("removed-data", "1 service rolls without a gap, loses the data of 1 volume"),
    ],
)
def test_the_first_line_is_the_headline(case: str, headline: str):
    assert read(case).headline == headline
    assert full_text(read(case)).splitlines()[0] == f"**{headline}** · dev"


def test_secrets_stay_out():
    """A secret that somebody wrote in plain text, or into an address, stays out as well."""
    document = json.loads(recording("new-service", "cli"))
    added = ["API_TOKEN=hunter2", "UPSTREAM=https://user:hunter2@example.com/"]
    for step in document["steps"]:
        if "Container::third" in step["urn"]:
            step["newState"]["inputs"]["envs"] += added
    text = full_text(review(checked(document)))
    assert "hunter2" not in text
    assert "envs[API_TOKEN]: [secret]" in text
    assert "envs[UPSTREAM]: https://user:[secret]@example.com/" in text


def test_what_a_policy_forbids_is_told_with_the_cure():
    (error,) = read("forbidden").errors
    assert 'plain-secret: Container "third-0-' in error
    assert "webstack config set --secret" in error


def test_images_are_named_by_tag_with_their_files():
    (image,) = read("code").images
    for tag in (image.before, image.after):
        assert re.fullmatch("shop/flask:[0-9a-f]{12}", tag or "")
    assert image.files.changed == ("notes/api.py",)
    assert image.static.added == ("notes/static/new.css",)
    assert image.static.removed == ("notes/static/dots.svg",)


def looked(**more: Any) -> str:
    document = json.loads(recording("code", "cli"))
    return full_text(review(checked({**document, **more})))


def test_sizes_are_told_where_both_are_known():
    (image,) = read("code").images
    sizes = {str(image.before): 100_000_000, str(image.after): 102_500_000}
    assert "100.0 MB → 102.5 MB (+2.5 MB)" in looked(sizes=sizes)
    del sizes[str(image.after)]
    assert "MB" not in looked(sizes=sizes)


def test_packages_are_told_in_which_images_differ():
    rows = [
        ["deb", "libssl3", "3.0.1", "3.0.2"],
        ["pypi", "flask", "", "3.1.0"],
        ["pypi", "```evil @all", "1", ""],
    ]
    text = looked(packages={"flask": rows, "gone": rows})
    assert "#### flask: 3 packages" in text
    for line in ("! deb libssl3 3.0.1 → 3.0.2", "+ pypi flask 3.1.0", "- pypi ```evil @all 1"):
        assert f"\n{line}\n" in text
    assert text.count("libssl3") == 1
    assert "````diff" in text


@pytest.mark.parametrize("packages", [[], {"flask": [["deb"]]}, {"flask": "x"}, {"flask": [{}]}])
def test_packages_of_another_form_are_no_preview(packages: object):
    with pytest.raises(ReviewError):
        looked(packages=packages)


def test_a_volume_that_both_engines_refuse_to_delete_is_a_loss_and_no_error():
    for engine in ("cli", "embedded"):
        found = read("removed-service", engine)
        assert [urn.rpartition("::")[2] for urn in found.lost] == ["django-data"]
        assert found.errors == ()
        assert found.predictions[-1].outcome is Outcome.LOSES_DATA


def test_a_volume_that_holds_nothing_is_no_loss():
    document = json.loads(recording("removed-service", "cli"))
    document["diagnostics"] = []  # it is looked at once more, without its protection
    lost = review(checked(document)).lost
    assert len(lost) == 1
    found = review(checked({**document, "unwritten": list(lost)}))
    assert found.lost == ()
    assert found.headline.endswith("nothing lost")


def test_a_service_that_never_served_ends():
    """The containers came with a failed release, and the last good release has none of them."""
    document = json.loads(recording("removed-service", "cli"))
    document["steps"] = [step for step in document["steps"] if "Release::" not in step["urn"]]
    stack = "urn:pulumi:dev::shop::webstack:service:WebService::django"
    document["steps"].append({"op": "delete", "urn": stack})
    assert "ends: it never served" in [item.words for item in review(checked(document)).predictions]


def test_volumes_in_memory_and_of_the_proxy_hold_no_data():
    document = json.loads(recording("new-service", "cli"))
    for step in document["steps"]:
        if step["op"] == "create" and "Volume" in step["urn"]:
            step.update(op="delete", oldState=step.pop("newState"))
    assert review(checked(document)).lost == ()


def test_an_error_of_the_program_comes_first():
    document = json.loads(recording("code", "cli"))
    document["diagnostics"] = [
        {"message": "error: webstack:port: no `@team`\n", "severity": "error"}
    ]
    text = full_text(review(checked(document)))
    assert text.startswith("**This cannot be deployed: 1 error** · dev")
    assert "```diff\nwebstack:port: no `@team`\n```" in text


def test_a_service_whose_only_container_is_replaced_restarts():
    """A refresh leads to such a preview, when the container was changed by hand."""
    document = json.loads(recording("address", "cli"))
    label = {"label": "webstack.role", "value": "service"}
    for step in document["steps"]:
        if step["op"] == "replace":
            labels = [label, {"label": "webstack.service", "value": "flask"}]
            step["newState"]["inputs"]["labels"] = labels
    (found,) = review(checked(document)).predictions
    assert (found.subject, found.outcome, found.seconds) == ("flask", Outcome.RESTARTS, 3)


@pytest.mark.parametrize("limit", [600, 1200, 3000, 6000])
def test_a_long_review_is_cut_where_it_matters_least(limit: int):
    found = read("new-service")
    whole, cut = full_text(found), comment(found, limit=limit)
    assert len(whole) > limit >= len(cut)
    assert cut.splitlines()[0] == whole.splitlines()[0]
    assert marker(found) in cut
    assert "are in the full text" in cut
    assert "| `third` | starts, 2 containers |" in cut
    assert cut.count("```") % 2 == 0
    assert cut.count("<details>") == cut.count("</details>")


def test_a_huge_review_fits():
    found = read("code")
    change = found.changes[2]
    lines = tuple(f"+ line {number} of it" for number in range(9000))
    text = comment(replace(found, changes=(change,) * 3000, configuration=lines))
    assert len(text) <= LIMIT
    assert "`flask` | rolls, no gap" in text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", "the preview is empty"),
        (b'{"steps": [{"op": "\xff"}]}', "not the JSON of a preview"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"steps": [{"op": "same", "urn": "urn:pulumi:a b::c::d::e"}]}', "names no resource"),
        (b"{", "not the JSON of a preview"),
        (b"[]", "neither steps nor diagnostics"),
        (b'{"steps": 3}', "Expected `array`"),
        (b'{"steps": [{"op": "create", "urn": "x"}]}', "names no resource"),
        (b'{"steps": [{"op": "create"}]}', "missing required field `urn`"),
        (b"\xff\xfe", "not the JSON of a preview"),
    ],
)
def test_what_is_no_preview_is_one_line(text: bytes, message: str):
    with pytest.raises(ReviewError, match=message) as raised:
        parse(text)
    assert "\n" not in str(raised.value)


def test_a_preview_may_hold_nothing_but_what_went_wrong():
    """The CLI leaves steps and summary out where nothing was declared before it failed."""
    text = full_text(review(parse(json.dumps({"diagnostics": [error_of("no luck")]}).encode())))
    assert text.startswith("**This cannot be deployed: 1 error**\n")
    assert "no luck" in text


def test_what_is_too_large_is_not_read():
    with pytest.raises(ReviewError, match="64 MiB is the limit"):
        parse(b" " * (LARGEST + 1))


def test_nothing_in_a_preview_becomes_markup():
    """Names come from a pull request: they may neither call people nor write HTML."""
    made = next(step for step in parse(recording("code", "cli")).changes if step.op == "create")
    text = json.dumps(json.loads(recording("code", "cli")))
    nasty = text.replace(made.name, "x`</summary><img src=x>@everyone|")
    shown = full_text(review(checked(json.loads(nasty))))
    outside = shown.split("```")[::2]
    assert "@everyone" in shown
    for part in outside:
        for line in part.splitlines():
            if line.startswith("<details>"):
                assert "<img" not in line
                assert "@everyone" not in line
            elif "everyone" in line:
                assert "\\|" in line


MARKUP = "@octocat <img src=x>\n\n# [ok](http://e.example) ~~~ `` | \u202e\x1b[31m </details>"


@pytest.mark.parametrize("op", [[], ["create"], ["delete", "create"]])
def test_a_service_that_never_served_starts(op: list[str]):
    """A failed release may have left its containers, with the same content or another."""
    label = [
        {"label": "webstack.role", "value": "service"},
        {"label": "webstack.service", "value": "shop"},
    ]
    made = [step_of("docker:index/container:Container", each, labels=label) for each in op]
    for step in made:
        if step["op"] == "delete":
            step["oldState"], step["newState"] = step["newState"], {"inputs": {}}
    services = {"shop": {"release": "aa", "replicas": [{}, {}]}}
    release = step_of("pulumi-python:dynamic/webstack:Release", "create", services=services)
    (found,) = review(checked({"steps": [*made, release]})).predictions
    assert (found.subject, found.outcome, found.words) == (
        "shop",
        Outcome.STARTS,
        "starts, 2 containers",
    )


def step_of(kind: str, op: str = "update", **inputs: Any) -> dict[str, Any]:
    """Give a step that creates a resource with these inputs."""
    urn = f"urn:pulumi:dev::shop::{kind}::{MARKUP}"
    return {"op": op, "urn": urn, "oldState": {"inputs": {}}, "newState": {"inputs": inputs}}


def test_a_stranger_decides_neither_markup_nor_whom_to_call():
    """The preview of a fork is its own: operations, types, names, paths, values, files, errors."""
    image = {"reference": MARKUP, "files": {MARKUP: "1"}}
    document = {
        "steps": [
            step_of(f"a:b:{MARKUP}", MARKUP, **{MARKUP: MARKUP}),
            step_of("webstack:service:WebService", **{MARKUP: MARKUP}),
            {**step_of("webstack:image:ServiceImage", **image), "oldState": {"inputs": image}},
            step_of("webstack:image:ServiceImage", **image),
            step_of("pulumi-python:dynamic/webstack:Release", configuration=MARKUP, services=3),
        ],
        "diagnostics": [{"message": MARKUP, "severity": "error"}],
    }
    text = full_text(review(checked(document)))
    html = MarkdownIt("gfm-like", {"html": True, "linkify": False}).render(text)
    told = re.sub(r"<code[^>]*>.*?</code>", "", html, flags=re.DOTALL)
    assert set(re.findall(r"<([a-z0-9]+)", told)) <= MADE_BY_US
    assert "@octocat" not in told
    assert "://e.example" not in told
    assert "\u202e" not in text
    assert "\x1b" not in text


MADE_BY_US = {"p", "strong", "h4", "table", "thead", "tbody", "tr", "th", "td", "ul", "li"} | {
    "details",
    "summary",
    "pre",
}


@pytest.mark.parametrize(
    "ports", [None, "8080", [None], [{"external": "x"}], [{"external": [1]}], [{}]]
)
def test_ports_that_are_none_end_no_review(ports: Any):
    label = {"label": "webstack.role", "value": "holder"}
    step = step_of("docker:index/container:Container", "replace", labels=[label], ports=ports)
    assert "published port" in full_text(review(checked({"steps": [step]})))


def test_an_error_that_names_no_whole_resource_is_an_error():
    message = "resource urn:pulumi:docker:index/volume:Volume cannot be deleted"
    found = review(checked({"steps": [], "diagnostics": [error_of(message)]}))
    assert found.errors == (message,)
    assert found.lost == ()


def error_of(message: str) -> dict[str, str]:
    return {"message": message, "severity": "error"}


def test_of_an_error_without_an_end_the_beginning_is_told():
    found = review(checked({"steps": [], "diagnostics": [error_of("No luck: " + "x" * LIMIT)]}))
    text = comment(found)
    assert len(text) <= LIMIT
    assert "No luck: xxx" in text
    assert "the rest of the line is in the full text" in text


def test_a_volume_that_is_made_anew_loses_its_data_though_it_is_declared():
    document = {"steps": [step_of("docker:index/volume:Volume", "replace", name="other")]}
    (change,) = review(checked(document)).changes
    assert change.reason == "made anew, but it holds data: name"


def test_where_nothing_but_a_secret_differs_the_reason_is_a_secret():
    step = step_of("a:b:C", v="[secret]")
    step["oldState"] = step["newState"]
    (change,) = review(checked({"steps": [step]})).changes
    assert (change.reason, change.differences) == ("a secret", ())


def test_secret_names_hide_numbers_too_and_addresses_hide_the_whole_password():
    properties = {"password": 1234, "address": "amqp://user:p@ss@host/"}
    text = full_text(review(checked({"steps": [step_of("a:b:C", **properties)]})))
    assert "1234" not in text
    assert "amqp://user:[secret]@host/" in text


@pytest.mark.parametrize("end", ["\n", "\u2028", "\x85", "\r", "\x0b"])
def test_no_line_of_a_stranger_is_a_command_to_the_host(end: str):
    """GitLab carries out `/close` at the beginning of a line, in a longer fence too."""
    markup = f"no luck{end}```{end}/close{end}  /merge"
    step = step_of("webstack:service:WebService", **{"path": markup})
    found = review(checked({"steps": [step], "diagnostics": [error_of(markup)]}))
    for text in (full_text(found), comment(found, limit=900)):
        assert "/close" in text
        assert not [line for line in text.splitlines() if line.lstrip().startswith("/")]


@pytest.mark.parametrize("reference", ["#12", "!12", "&12", "%12", "$12", "GH-12", "@all", "www.x"])
def test_no_words_of_a_stranger_refer_to_anything(reference: str):
    """Hosts look for references in what is rendered, where no backslash is left."""
    html = MarkdownIt("gfm-like", {"linkify": False}).render(plain(f"see {reference}"))
    assert reference not in unescape(html)
    assert reference in unescape(html).replace("\u200b", "")


def role_step(op: str, name: str) -> dict[str, Any]:
    labels = [
        {"label": "webstack.service", "value": "shop"},
        {"label": "webstack.role", "value": "background"},
        {"label": "webstack.background", "value": name},
    ]
    side = "oldState" if op == "delete" else "newState"
    urn = f"urn:pulumi:dev::shop::docker:index/container:Container::{name}-0-{op}"
    return {"op": op, "urn": urn, side: {"inputs": {"labels": labels}}}


def roles_of(release: str, *, single: bool) -> dict[str, Any]:
    role = {"release": release, "single": single, "containers": {"a": 1, "b": 1}}
    return {"inputs": {"roles": {"shop-beat": role}}}


@pytest.mark.parametrize(
    ("ops", "single", "words", "headline"),
    [
        (("create",), False, "starts, 2 containers", "1 role starts, nothing lost"),
        (("delete",), False, "ends", "1 role ends, nothing lost"),
        (
            ("create", "delete"),
            False,
            "rolls: 2 containers, then the old ones stop",
            "1 role rolls without a gap, nothing lost",
        ),
        (
            ("create", "delete"),
            True,
            "restarts, about 3 s: single, so the old one stops first",
            "1 restarts (about 3 s), nothing lost",
        ),
    ],
)
def test_what_happens_to_a_role_is_foretold(
    ops: tuple[str, ...], single: bool, words: str, headline: str
):
    released = step_of("pulumi-python:dynamic/webstack:Release")
    if "delete" in ops:
        released["oldState"] = roles_of("aa", single=single)
    if "create" in ops:
        released["newState"] = roles_of("bb", single=single)
    steps = [*(role_step(op, "shop-beat") for op in ops), released]
    found = review(checked({"steps": steps}))
    [prediction] = found.predictions
    assert (prediction.subject, prediction.words) == ("shop-beat", words)
    assert found.headline == headline


def test_a_role_that_only_loses_what_a_failed_release_left_is_not_foretold():
    released = step_of("pulumi-python:dynamic/webstack:Release")
    released["oldState"] = released["newState"] = roles_of("aa", single=True)
    found = review(checked({"steps": [role_step("delete", "shop-beat"), released]}))
    assert found.predictions == ()


def test_a_role_of_another_number_of_containers_does_not_roll():
    released = step_of("pulumi-python:dynamic/webstack:Release")
    released["oldState"] = released["newState"] = roles_of("aa", single=False)
    [found] = review(checked({"steps": [role_step("create", "shop-beat"), released]})).predictions
    assert found.words == "from 2 to 2 containers"
