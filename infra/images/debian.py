"""A plain Debian image: the pinned one from a registry, else built from Debian's packages."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from infra.daemon.client import connect
from infra.daemon.failures import DeploymentError
from webstack.docker.errors import DaemonError

SUITE = "trixie"
PACKAGES = "python3"
"""Installed in one go with the system; on an image from a registry the recipe does it later."""
_WITHOUT_DOCUMENTATION = r"""set -e; cd "$1"
rm -rf usr/share/doc/* usr/share/man/* usr/share/locale/*/LC_MESSAGES
printf "path-exclude=%s\n" "/usr/share/doc/*" "/usr/share/man/*" \
    "/usr/share/locale/*/LC_MESSAGES/*" >>etc/dpkg/dpkg.cfg.d/99mmdebstrap"""
"""Once the packages are unpacked: as an option of mmdebstrap it filters each, at twice the time."""
_WITHOUT_CACHES = r"""set -e; cd "$1"
rm -f var/cache/apt/*.bin
printf 'Dir::Cache::%s "";\n' pkgcache srcpkgcache >>etc/apt/apt.conf.d/99mmdebstrap"""
"""Last: they help mmdebstrap, and stay behind in every image that installs something."""
OPTIONS = (
    "--variant=minbase",
    '--aptopt=Acquire::Languages "none"',
    "--dpkgopt=force-unsafe-io",  # as in Debian's own images: a power cut costs a build
    f"--extract-hook={_WITHOUT_DOCUMENTATION}",
    f"--customize-hook={_WITHOUT_CACHES}",
)
_REGISTRY_SECONDS = 5
_TMPFS_BYTES = 1 << 30
"""More than twice what a bootstrap needs; taken only where twice as much memory is free."""


class DebianError(DeploymentError):
    """No Debian image is available; the message says what to do."""


def provide(api: Any, reference: str, tag: str) -> None:
    """Make ``tag`` a Debian image.

    It is pulled as ``reference`` where a registry answers, else it is built.
    """
    if _registry_has(reference):
        _say(f"pulling {reference}")
        for event in api.pull(reference):
            if "error" in event:
                raise DebianError(f"cannot pull {reference}: {event['error']}")
        api.tag(reference, tag)
        return
    _say(f"no registry answers: building Debian {SUITE} from its packages")
    _import(api, tag)


def _registry_has(reference: str) -> bool:
    """Tell whether the daemon reaches the image's registry within a few seconds."""
    hasty = connect(timeout=_REGISTRY_SECONDS)
    try:
        hasty.inspect_distribution(reference)
    except DaemonError:
        return False
    return True


def _import(api: Any, tag: str) -> None:
    """Bootstrap a minimal root file system and import it, without a file in between."""
    bootstrap = [_tool("mmdebstrap"), "--quiet", f"--include={PACKAGES}", *OPTIONS, SUITE, "-"]
    with (
        TemporaryDirectory() as directory,
        subprocess.Popen(
            [*_in_memory(directory), *bootstrap], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as process,
    ):
        assert process.stdout is not None  # noqa: S101 - it is a PIPE
        assert process.stderr is not None  # noqa: S101 - it is a PIPE
        repository, _, version = tag.partition(":")
        api.import_image_from_stream(process.stdout, repository=repository, tag=version)
        errors = process.stderr.read().decode(errors="replace").strip()
    if process.returncode != 0:
        raise DebianError(f"mmdebstrap could not build Debian {SUITE}: {errors[-500:]}")


def _in_memory(directory: str) -> list[str]:
    """Give the words before a command that put its temporary files on a tmpfs of its own.

    dpkg waits for the disk at every package otherwise. Empty where memory is short, or where the
    machine lets nobody mount. The tmpfs goes with the command, however that ends.
    """
    if _available_memory() < 2 * _TMPFS_BYTES:
        return []
    mounted = f'mount -t tmpfs -o size={_TMPFS_BYTES} tmpfs "$0" && export TMPDIR="$0" && exec "$@"'
    prefix = ["unshare", "--mount", "sh", "-c", mounted, directory]
    try:
        subprocess.run([*prefix, "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        return []
    return prefix


def _available_memory() -> int:
    """Bytes, as Linux estimates them; 0 where it does not say."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) << 10 for line in lines if "MemAvailable" in line), 0)


def _tool(name: str) -> str:
    """Find a program's path, and install it from the distribution's packages if possible."""
    if found := shutil.which(name):
        return found
    if not shutil.which("apt-get"):
        raise DebianError(
            f"no image registry answers, and {name} is not installed; install it, or give the "
            "Docker daemon access to a registry"
        )
    _say(f"installing {name} on this machine, to build the base image")
    install = ("install", "-y", "--no-install-recommends", name)
    failure = _apt_get(*install)
    if failure:  # the package lists may be missing, or too old
        failure = _apt_get("update") or _apt_get(*install)
    if failure:
        raise DebianError(
            f"cannot install {name} ({failure[-200:]}); run `apt-get install {name}` as root"
        )
    return shutil.which(name) or name


def _apt_get(*arguments: str) -> str:
    """Run it, by sudo where that asks for nothing; give what it says when it fails."""
    privileged = [] if os.geteuid() == 0 else ["sudo", "-n"]
    done = subprocess.run(
        [*privileged, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    return (done.stderr.strip() or "it gave no reason") if done.returncode else ""


def _say(text: str) -> None:
    print(text, file=sys.stderr)
