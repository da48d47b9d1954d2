"""States of stacks with releases, as they are exported."""

import base64
import json
import zlib

from msgspec.structs import asdict

from webstack.cli.state.stack_state import RELEASE, SERVICE, Summary

URN = "urn:pulumi:dev::webstack::"
SECRET = "1b47061264138c4ac30d75fd1eb44270"


def summary(number, first=None, rollback_of=None, **changes):
    found = {
        "time": "2026-11-21T12:00:00+00:00",
        "commit": "0123456789abcdef",
        "clean": True,
        "images": {"shop": f"webstack/shop:{number}", "proxy": "webstack/proxy:1"},
        **changes,
    }
    return Summary(number=number, first=first or number, rollback_of=rollback_of, **found)


def record(item, configuration="server {}"):
    values = {
        "number": item.number,
        "time": item.time,
        "origin": {"commit": item.commit, "clean": True, "rollback_of": None, "first": 1},
        "blueprint": {"settings": {"port": 80}, "plan": {"configuration": configuration}},
        "static": {"shop": ["site.0123456789ab.css"]},
        "secrets": {"shop": {"KEY": "hush"}},
    }
    return base64.b64encode(zlib.compress(json.dumps(values).encode())).decode()


def exported(*known, configurations=None):
    """Give a state with these releases; ``configurations`` has other nginx.conf, by number."""
    texts = [record(item, (configurations or {}).get(item.number, "server {}")) for item in known]
    history = [
        {**asdict(item), "images": dict(item.images), "image_ids": dict(item.image_ids)}
        for item in known
    ]
    records = {SECRET: SECRET, "plaintext": json.dumps(texts)}
    resources = [
        {"urn": f"{URN}{RELEASE}::release", "type": RELEASE, "delete": True},
        {
            "urn": f"{URN}{RELEASE}::release",
            "type": RELEASE,
            "outputs": {"history": history, "records": records},
        },
        owned("docker:index/volume:Volume", "shop-data", protect=True),
        owned("docker:index/volume:Volume", "shop-sockets"),
        owned("pulumi-python:dynamic/webstack:GeneratedSecret", "shop-key", serial=2),
    ]
    return json.dumps({"version": 3, "deployment": {"resources": resources}})


def owned(kind, name, protect=False, **inputs):
    parent = f"{URN}{SERVICE}::shop"
    urn = f"{URN}{SERVICE}${kind}::{name}"
    return {"urn": urn, "type": kind, "parent": parent, "protect": protect, "inputs": inputs}
