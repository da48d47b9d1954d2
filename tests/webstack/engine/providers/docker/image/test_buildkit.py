"""BuildKit is chosen where a Dockerfile needs it, and its progress is read."""

from __future__ import annotations

import pytest

from webstack.engine.providers.docker.image.buildkit import BuildTrace, is_wanted

BEGUN = (
    "CqkCCkdzaGEyNTY6ODMxYTBiMDNlMzQ0OTk3ZjU1YTExODQ1ZWUwYzNmZWU3YzIzYWE3NDhiZjZkZDI3ZDg4MjU2"
    "MTViNjQ4MDBiMxJHc2hhMjU2OmVhMTM2N2MxYTA4MjMwNTA2YTk4YTYwNGJhZWVjMjBkZDA5NjI4NDlmM2NhYTcw"
    "NjEwMWU1ODcwYmIwNDBmOGQaJ1syLzJdIFJVTiBlY2hvIG91dDsgZWNobyBlcnIgPiYyOyBmYWxzZSoMCIzKhtgG"
    "EPf68PgBMgwIjMqG2AYQjbHv+wI6UGV4ZWN1dG9yIGZhaWxlZCBydW5uaW5nIFsvYmluL3NoIC1jIGVjaG8gb3V0"
    "OyBlY2hvIGVyciA+JjI7IGZhbHNlXTogZXhpdCBjb2RlOiAx"
)
LOGGED = (
    "Gl8KR3NoYTI1Njo4MzFhMGIwM2UzNDQ5OTdmNTVhMTE4NDVlZTBjM2ZlZTdjMjNhYTc0OGJmNmRkMjdkODgyNTYx"
    "NWI2NDgwMGIzEgwIjMqG2AYQvqjd7AIYAiIEZXJyCg=="
)


@pytest.mark.parametrize(
    "line",
    [
        "RUN --mount=type=cache,target=/c make",
        "RUN --network=none make",
        "COPY --link --chown=1 a b",
        "COPY --chown=1 --chmod=600 a b",
        "RUN <<EOF",
        'COPY <<-"EOF" /etc/x',
    ],
)
def test_a_dockerfile_that_needs_it_gets_it(line):
    text = f"FROM base\n{line}\n"
    assert is_wanted({}, text)
    assert not is_wanted({"builderVersion": "BuilderV1"}, text)


def test_a_syntax_line_needs_it_and_plain_files_do_not():
    assert is_wanted({}, "# syntax=docker/dockerfile:1\nFROM base\n")
    plain = "# no syntax=x\nFROM base\nRUN cat <<<x && x --mount=1 $((1<<2))\n# RUN --mount=x\n"
    assert not is_wanted({}, plain)
    assert is_wanted({"builderVersion": "BuilderBuildKit"}, plain)


def test_reads_steps_and_their_output():
    """The recorded steps are told once each, however often the daemon reports them."""
    trace = BuildTrace()
    begun, logged = ({"id": "moby.buildkit.trace", "aux": text} for text in (BEGUN, LOGGED))
    assert list(trace.lines(begun)) == ["[2/2] RUN echo out; echo err >&2; false"]
    assert list(trace.lines(begun)) == []
    assert list(trace.lines(logged)) == ["err"]
    assert list(trace.lines({"aux": {"ID": "sha256:1"}})) == []
