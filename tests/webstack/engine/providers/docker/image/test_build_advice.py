"""Docker 20.10's message on a build that cannot work on its machine gets a way out from us."""

from __future__ import annotations

import pytest

from webstack.engine.providers.docker.image.build_advice import advice

NO_HOST = "dial tcp: lookup registry.test on 10.0.0.1:53: no such host"
CLASSIC = f'Get "https://registry.test/v2/": {NO_HOST}'
BUILDKIT = f'failed to do request: Head "https://registry.test/v2/library/python": {NO_HOST}'
FRONT_END = f'failed to do request: Head "https://registry.test/v2/docker/dockerfile": {NO_HOST}'
PARSING = "failed to create LLB definition: dockerfile parse error line 3: "


@pytest.mark.parametrize("reason", [CLASSIC, BUILDKIT, "pull access denied for shop/base"])
def test_a_base_image_that_cannot_be_pulled_names_those_that_are_there(reason: str):
    assert advice(reason, "", ["PYTHON", "PYTHON_BUILD"]) == (
        "; `FROM ${PYTHON}` or `FROM ${PYTHON_BUILD}`, below `ARG PYTHON`, starts from an image "
        "that is there already"
    )
    assert advice(reason, "", []).endswith("comes from a registry, and none is reached")


def test_a_syntax_line_comes_from_a_registry():
    assert "leave it out" in advice(FRONT_END, "# syntax=docker/dockerfile:1\n", ["PYTHON"])


@pytest.mark.parametrize(
    ("reason", "dockerfile", "says"),
    [
        (f"{PARSING}Unknown flag: link", "COPY --link a b\n", "COPY --link needs Docker 23.0 or"),
        (f"{PARSING}unknown instruction: LS", "RUN <<EOF\nls\n", "here-document (<<) needs Docker"),
        (f"{PARSING}unknown instruction: LS", "FROM a\nLS\n", ""),
        ("The command '/bin/sh -c false' returned a non-zero code: 1", "RUN cat <<<x\n", ""),
    ],
)
def test_syntax_that_is_newer_than_the_engine_names_the_version(reason, dockerfile, says):
    found = advice(reason, dockerfile, [])
    assert says in found
    assert bool(found) is bool(says)
