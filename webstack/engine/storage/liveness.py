"""Decides whether the holder of a lock has died, as far as this machine can know.

A process's number means something in its own namespace only: a container may share this host's
name and have processes that nobody here sees.
"""

from __future__ import annotations

import msgspec

from webstack.engine.storage import processes


class Holder(msgspec.Struct, frozen=True):
    """Describes a process of this host as its lock does: number, and Unix time of the lock.

    ``process`` is its lasting name, ``namespace`` that of its number; the CLI writes neither.
    """

    pid: int
    taken: float | None
    process: str = ""
    namespace: str = ""


def has_died(holder: Holder) -> bool:
    """Tell whether the holder has certainly died."""
    if holder.pid <= 0:
        return False
    boot = holder.process.partition("/")[0]
    if boot and boot != processes.boot():
        return _was_before_this_boot(holder)
    if holder.namespace:
        return holder.namespace == processes.namespace() and not _lives(holder, holder.pid)
    numbers = processes.known_as(holder.pid)
    return numbers is not None and not any(_lives(holder, number) for number in numbers)


def _was_before_this_boot(holder: Holder) -> bool:
    """Tell whether the lock is older than this boot. Other machines have other boots."""
    booted, taken = processes.boot_time(), holder.taken
    return booted is not None and taken is not None and taken < booted - processes.CLOCK_SLACK


def _lives(holder: Holder, number: int) -> bool:
    if not processes.exists(number):
        return False
    if not processes.sees_itself():
        return True
    if holder.process:
        return processes.identity(number) == holder.process
    started = processes.start_time(number)
    if started is None or holder.taken is None:
        return True
    return started <= holder.taken + processes.CLOCK_SLACK
