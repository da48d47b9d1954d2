"""Facts are read from a Dockerfile."""

from __future__ import annotations

import pytest

from infra.images.dockerfile import Made, read


@pytest.mark.parametrize(
    ("text", "volumes", "base"),
    [
        ("FROM a\nVOLUME /data\n", ("/data",), "a"),
        ('FROM a\nvolume ["/data", "/var/lib/shop"]', ("/data", "/var/lib/shop"), "a"),
        ("FROM a\nVOLUME /data /more\nVOLUME /data", ("/data", "/more"), "a"),
        ("FROM a\nVOLUME /data \\\n  # words\n  /more", ("/data", "/more"), "a"),
        ("FROM a AS one\nVOLUME /one\nFROM b\n", (), "b"),
        ("FROM a AS One\nVOLUME /one\nFROM b\nFROM one\nVOLUME /two", ("/one", "/two"), "a"),
        ("FROM a\nVOLUME /one\nFROM 0\n", ("/one",), "a"),
        ("FROM --platform=linux/amd64 a AS x\nVOLUME /x", ("/x",), "a"),
        ("ARG PYTHON\nFROM ${PYTHON}", (), "webstack/python:1"),
        ("ARG BASE=postgres:16\nFROM $BASE", (), "postgres:16"),
        ('ARG V="16"\nFROM postgres:${V}', (), "postgres:16"),
        ("FROM ${V:-db}\n", (), "db"),
        ("FROM ${V}\nVOLUME ${WHERE} $HOME/x data", (), ""),
        ("FROM a\nRUN <<EOF\nVOLUME /text\nEOF\nVOLUME /data", ("/data",), "a"),
        ("FROM a\nRUN cat <<-'A' <<B\nVOLUME /a\nA\nVOLUME /b\nB\n", (), "a"),
        ("FROM a\nRUN <<EOF\nVOLUME /never ended", (), "a"),
        ("FROM a\n# VOLUME /no\nONBUILD VOLUME /below\nLABEL VOLUME=/no", (), "a"),
        ("FROM a\nVOLUME [/data]", (), "a"),
        ("FROM\nVOLUME", (), ""),
        ("", (), ""),
    ],
)
def test_volumes_and_base_are_those_of_the_last_stage(
    text: str, volumes: tuple[str, ...], base: str
):
    assert read(text, {"PYTHON": "webstack/python:1"}) == Made(volumes, base)


def test_a_file_with_the_line_ends_of_windows_is_read_too():
    assert read("FROM a\r\nVOLUME /a \\\r\n /b\r\n", {}) == Made(("/a", "/b"), "a")
