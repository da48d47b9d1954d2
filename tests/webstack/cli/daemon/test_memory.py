"""The memory of a container is read from the kernel, only where that is surely this container's."""

from __future__ import annotations

from pathlib import Path

import pytest

from webstack.cli.daemon.memory import measured

ID = "1a2b" * 16
FIRST = f"9:name=systemd:/docker/{ID}\n4:memory:/docker/{ID}\n0::/docker/{ID}\n"
SECOND = f"0::/system.slice/docker-{ID}.scope\n"


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.mark.parametrize(
    ("groups", "folder", "file"),
    [
        (FIRST, f"memory/docker/{ID}", "memory.usage_in_bytes"),
        (SECOND, f"system.slice/docker-{ID}.scope", "memory.current"),
    ],
)
def test_both_versions_of_control_groups_are_read(tmp_path, groups, folder, file):
    write(tmp_path / "proc/7/cgroup", groups)
    write(tmp_path / "sys/fs/cgroup" / folder / file, "1000\n")
    write(tmp_path / "sys/fs/cgroup" / folder / "memory.stat", "anon 5\ninactive_file 300\n")

    found = measured(7, ID, tmp_path)

    assert found == {"usage": 1000, "stats": {"anon": 5, "inactive_file": 300}}


@pytest.mark.parametrize(
    "groups", [None, "", "nonsense", FIRST, SECOND, FIRST.replace(ID, "3c4d" * 16)]
)
def test_what_the_kernel_does_not_tell_is_left_to_the_daemon(tmp_path, groups):
    """A process of that number may be another on this machine, or its groups may not be seen."""
    other = tmp_path / "sys/fs/cgroup/memory/docker" / ("3c4d" * 16)
    write(other / "memory.usage_in_bytes", "1000\n")
    write(other / "memory.stat", "inactive_file 300\n")
    if groups is not None:
        write(tmp_path / "proc/7/cgroup", groups)

    assert measured(7, ID, tmp_path) is None
