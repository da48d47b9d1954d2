"""Requests to a bucket are signed as its server expects, and go where its style says."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from webstack.cli.daemon.data.bucket import Bucket

# The example that Amazon publishes for its signature: "GET Bucket Lifecycle".
EXAMPLE = Bucket(
    "s3.amazonaws.com",
    "examplebucket",
    "AKIAIOSFODNN7EXAMPLE",
    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
)
SIGNATURE = "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"


def test_the_published_example_is_signed_as_published():
    now = datetime(2013, 5, 24, tzinfo=timezone.utc)
    headers = EXAMPLE.signed("GET", "/?lifecycle=", b"", now)
    assert headers["host"] == "examplebucket.s3.amazonaws.com"
    assert headers["authorization"].endswith(f"Signature={SIGNATURE}")


@pytest.mark.parametrize(
    ("style", "host", "path"),
    [
        ("host", "b.s3.example.com", "/shop/pr_1/stack.sealed"),
        ("path", "s3.example.com", "/b/shop/pr_1/stack.sealed"),
    ],
)
def test_the_bucket_is_in_the_host_or_in_the_path(style: str, host: str, path: str):
    bucket = Bucket("s3.example.com", "b", "key", "word", style=style)
    assert bucket.host == host
    assert bucket.path("shop/pr_1/stack.sealed") == path


def test_a_bucket_that_is_shown_shows_no_key():
    assert "wJalr" not in repr(EXAMPLE)
    assert "AKIA" not in repr(EXAMPLE)
