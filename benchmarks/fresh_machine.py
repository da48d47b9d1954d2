"""Give a fresh machine: Debian 12 in a container that may run a Docker daemon of its own.

It needs a Docker daemon, root, and mmdebstrap, which makes the root file system once.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

IMAGE = "webstack-bench/debian:12"
PACKAGES = "python3,make,git,ca-certificates"
CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
CERTIFICATE_VARIABLES = ("SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
CAPABILITIES = """
    AUDIT_CONTROL AUDIT_READ BLOCK_SUSPEND DAC_READ_SEARCH IPC_LOCK IPC_OWNER LEASE
    LINUX_IMMUTABLE MAC_ADMIN MAC_OVERRIDE NET_ADMIN NET_BROADCAST SYSLOG SYS_ADMIN SYS_BOOT
    SYS_MODULE SYS_NICE SYS_PACCT SYS_PTRACE SYS_RAWIO SYS_TIME SYS_TTY_CONFIG WAKE_ALARM
"""
"""The capabilities that a daemon needs; some of those of `--privileged` may be missing."""


def run(project: Path, command: Sequence[str]) -> int:
    """Run a command in a copy of the project on a fresh machine; gives its exit code."""
    _make_image()
    name = f"webstack-bench-{secrets.token_hex(3)}"
    try:
        _start(name, project)
        return subprocess.run(["docker", "exec", "-w", "/project", name, *command]).returncode
    finally:
        subprocess.run(["docker", "rm", "-fv", name], capture_output=True)


def _make_image() -> None:
    if subprocess.run(["docker", "image", "inspect", IMAGE], capture_output=True).returncode == 0:
        return
    with tempfile.TemporaryDirectory() as folder:
        tar = f"{folder}/root.tar"
        options = ["--variant=minbase", "--quiet", f"--include={PACKAGES}"]
        subprocess.run(["mmdebstrap", *options, "bookworm", tar], check=True)
        subprocess.run(["docker", "import", tar, IMAGE], check=True, capture_output=True)


def _start(name: str, project: Path) -> None:
    options = [*_rights(), "-v", "/var/lib/docker", "-v", f"{project}:/source:ro"]
    for variable in CERTIFICATE_VARIABLES:
        options += ["-e", f"{variable}={CERTIFICATES}"]
    arguments = ["docker", "run", "-d", "--name", name, *options, IMAGE, "sleep", "infinity"]
    subprocess.run(arguments, check=True, capture_output=True)
    bundle = next((os.environ[key] for key in CERTIFICATE_VARIABLES if os.environ.get(key)), "")
    if bundle:
        copied = ["docker", "cp", "-L", bundle, f"{name}:{CERTIFICATES}"]
        subprocess.run(copied, check=True, capture_output=True)
    clone = "git config --global --add safe.directory '*' && git clone -q /source /project"
    subprocess.run(["docker", "exec", name, "sh", "-c", clone], check=True)


def _rights() -> Iterator[str]:
    for capability in CAPABILITIES.split():
        yield from ("--cap-add", capability)
    for option in ("seccomp", "apparmor", "systempaths"):
        yield from ("--security-opt", f"{option}=unconfined")
    yield from ("--device-cgroup-rule", "a *:* rwm")
    yield from ("-v", "/sys/fs/cgroup:/sys/fs/cgroup:rw")
