"""The preview refuses limits above the daemon's capacity and broken bundles, and names the key."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import certifi
import pytest

from infra.daemon.capacity import Capacity, check_capacity, check_certificates
from infra.settings.sections import Proxy, Service, Settings, SettingsError

SMALL = Capacity(2, 4000)


def settings(proxy: Proxy | None = None, **limits: Any) -> Settings:
    services = {"shop": Service(source="x", path="/", **limits)}
    return Settings(services=services, proxy=proxy or Proxy())


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (
            settings(cpus=256),
            "services.shop.cpus: 256 is more than the 2 CPUs that the Docker daemon has; write",
        ),
        (settings(cpus=2.5), "services.shop.cpus: 2.5 is more than the 2 CPUs"),
        (settings(memory=4001), "services.shop.memory: 4001 is more than the 4000 MiB of memory"),
        (settings(Proxy(cpus=3)), "proxy.cpus: 3 is more than the 2 CPUs"),
    ],
)
@pytest.mark.parametrize("here", [SMALL, None])
def test_what_the_engine_has_not_is_named(wanted: Settings, message: str, here: Capacity | None):
    with pytest.raises(SettingsError) as caught:
        check_capacity(wanted, here, lambda: SMALL)
    assert str(caught.value).startswith(f"webstack:{message}")


def test_the_engine_is_not_asked_for_what_this_machine_has():
    asked: list[None] = []
    check_capacity(settings(cpus=2, memory=4000), SMALL, lambda: asked.append(None))
    assert asked == []
    check_capacity(settings(cpus=3), SMALL, lambda: asked.append(None))
    check_capacity(settings(), None, lambda: asked.append(None))
    assert len(asked) == 2


def test_the_engine_may_have_more_than_this_machine():
    check_capacity(settings(cpus=8), SMALL, lambda: Capacity(16, 4000))


def test_a_bundle_of_certificates_is_taken():
    check_certificates(Settings(services={}, certificates=certifi.where()))
    check_certificates(Settings(services={}))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "holds no certificates"),
        (b"root:x:0:0\n", "holds no certificates"),
        (b"\xff\xfe", "holds no certificates"),
        (b"-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n", "no certificates"),
    ],
)
def test_what_is_no_certificate_is_named(tmp_path: Path, content: bytes, said: str):
    (tmp_path / "ca.pem").write_bytes(content)
    with pytest.raises(SettingsError, match=rf"^webstack:certificates: .*ca\.pem.*{said}"):
        check_certificates(Settings(services={}, certificates=str(tmp_path / "ca.pem")))


def test_what_is_no_file_is_named_at_once(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe")
    began = time.monotonic()
    for path in ("/nope.pem", "/etc", "/dev/zero", str(tmp_path / "pipe")):
        with pytest.raises(SettingsError, match=f"^webstack:certificates: {path}: .*PEM file"):
            check_certificates(Settings(services={}, certificates=path))
    assert time.monotonic() - began < 10
