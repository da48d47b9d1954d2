"""What nginx connects to: for each link of the release step the socket itself, held open.

nginx would follow a link that a container puts in the place of its socket. So it is given names of
its own, which lead to descriptors that this process holds. One that has ended is looked for anew:
its container has restarted. A server that stops takes the name of its socket away first, so one
without its name is let go while another replica of the service has its own. The last one is held
for as long as somebody listens: another container may have taken the names away.
"""

import contextlib
import os
import time
from collections.abc import Callable
from pathlib import Path

from webstack_sockets import opened, reached  # type: ignore[import-not-found]  # beside this file

LINKS = Path("/run/webstack/links")
UPSTREAMS = Path("/run/nginx/upstreams")
PAUSE = 0.1


class Upstreams:
    """The sockets that are held, by the name of the link.

    ``followed`` hears of services that another release serves from now on.
    """

    def __init__(
        self,
        links: Path = LINKS,
        upstreams: Path = UPSTREAMS,
        followed: Callable[[str], None] = lambda _service: None,
    ) -> None:
        upstreams.mkdir(exist_ok=True)
        self._links, self._upstreams, self._followed = links, upstreams, followed
        self._held: dict[str, tuple[str, int]] = {}
        self._left: list[int] = []

    def tend(self) -> None:
        """Look once at all of them."""
        # nginx may have been on its way to what was let go of last time, not longer.
        for number in self._left:
            os.close(number)
        self._left.clear()
        wanted = {link.name: str(link.readlink()) for link in self._links.glob("*.sock")}
        named = {name for name, held in self._held.items() if wanted.get(name) and _is_named(*held)}
        for name in self._held.keys() | wanted.keys():
            path, number = self._held.get(name, ("", -1))
            if name in wanted and path == wanted[name] and self._stays(name, named):
                continue
            self._let_go(name)
            if name in wanted:
                with contextlib.suppress(OSError):
                    self._hold(name, wanted[name])
                    if path and path != wanted[name]:
                        self._followed(_service(name))
        self._sweep()

    @property
    def there(self) -> dict[str, bool]:
        """Whether each replica that there is a link for is held, by its name."""
        held = set(self._held)
        return {link.stem: link.name in held for link in self._links.glob("*.sock")}

    def keep(self) -> None:
        """Look at them for ever."""
        while True:
            with contextlib.suppress(OSError):  # a link that went while it was looked at
                self.tend()
            time.sleep(PAUSE)

    def _stays(self, name: str, named: set[str]) -> bool:
        if name in named:
            return True
        others = {_service(other) for other in named}
        return _service(name) not in others and _is_served(self._held[name][1])

    def _hold(self, name: str, path: str) -> None:
        number = opened(path)
        try:
            reached(number, path, PAUSE).close()
        except BaseException:
            os.close(number)
            raise
        draft = self._upstreams / f"{name}.next"
        draft.unlink(missing_ok=True)
        draft.symlink_to(f"/proc/{os.getpid()}/fd/{number}")
        draft.replace(self._upstreams / name)
        self._held[name] = path, number

    def _let_go(self, name: str) -> None:
        if name in self._held:
            _, number = self._held.pop(name)
            self._left.append(number)

    def _sweep(self) -> None:
        """Take the names away that lead nowhere."""
        for name in {each.name for each in self._upstreams.glob("*.sock")} - self._held.keys():
            (self._upstreams / name).unlink(missing_ok=True)


def _service(name: str) -> str:
    return name.rpartition("-")[0]


def _is_named(path: str, number: int) -> bool:
    with contextlib.suppress(OSError):
        return os.path.samestat(os.lstat(path), os.fstat(number))
    return False


def _is_served(number: int) -> bool:
    try:
        reached(number, "", PAUSE).close()
    except (BlockingIOError, TimeoutError):
        return True  # busy
    except OSError:
        return False
    return True
