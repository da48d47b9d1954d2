"""Tells whether a service that lives under a path names addresses outside of it.

Browsers would ask another service for them, or nobody. The front page shows it, as a browser would
get it: by the addresses of its scripts, styles, pictures and forms, and by where it redirects to.
"""

from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import msgspec

_STEPS = 4
"""So many redirects are followed to the front page."""
_REDIRECTS = range(300, 400)
_MOST = 3
"""So many addresses are named."""
_LOADED = {
    "script": "src",
    "link": "href",
    "img": "src",
    "source": "src",
    "video": "src",
    "audio": "src",
    "iframe": "src",
    "form": "action",
}
_APPLIES = {"stylesheet", "icon", "preload", "modulepreload", "manifest"}
"""What a ``link`` is to the page when a browser loads it."""


class Page(msgspec.Struct, frozen=True):
    """Holds the answer to the request for a page."""

    status: int | None = None
    location: str = ""
    type: str = ""
    page: str = ""


class Prefix(msgspec.Struct, frozen=True):
    """Describes where a service lives; with ``cut`` it gets addresses without the path."""

    path: str
    cut: bool = False

    @property
    def headers(self) -> tuple[str, ...]:
        """Give the headers that tell the service of its path with each request."""
        told = f"X-Forwarded-Prefix: {self.path}"
        return (told,) if self.cut else (told, f"SCRIPT_NAME: {self.path}")

    def asked(self, address: str) -> str:
        """Give the address that the service gets when a browser asks for ``address``."""
        return (address.removeprefix(self.path) or "/") if self.cut else address

    def holds(self, address: str) -> bool:
        """Tell whether an address without a host lies below the path."""
        return address == self.path or address.startswith((f"{self.path}/", f"{self.path}?"))


def outside(prefix: Prefix, host: str, ask: Callable[[str], Page]) -> str:
    """Say in one line what lies outside of the path; nothing if all is within, or unknown.

    ``ask`` gets a page by the address that the service gets.
    """
    here = f"{prefix.path}/"
    for _ in range(_STEPS):
        page = ask(prefix.asked(here))
        if page.status is None:
            return ""
        if page.status not in _REDIRECTS or not page.location:
            return _of_page(prefix, host, here, page, ask)
        target = _on_host(_joined(f"http://{host}{here}", page.location), host)
        if target is None:
            return ""
        if not prefix.holds(target):
            if not prefix.cut:
                return _told(
                    prefix, host, f"its page {here} sends browsers on to {target}, which lies"
                )
            target = f"{prefix.path}{target}"
        here = target
    return ""


def _of_page(prefix: Prefix, host: str, here: str, page: Page, ask: Callable[[str], Page]) -> str:
    if page.status == 404 and not prefix.cut and here == f"{prefix.path}/":
        root = ask("/").status
        if root is not None and root < 400:
            return (
                f"it has a page at / and none at {here}, so it does not know its path; add "
                "strip_prefix: true"
            )
    if "html" not in page.type:
        return ""
    lost = [
        each
        for each in addresses(page.page, f"http://{host}{here}", host)
        if not prefix.holds(each)
    ]
    if not lost:
        return ""
    more = f" and {len(lost) - _MOST} more" if len(lost) > _MOST else ""
    lie = "which lies" if len(lost) == 1 else "which lie"
    return _told(prefix, host, f"its page {here} names {', '.join(lost[:_MOST])}{more}, {lie}")


def addresses(page: str, base: str, host: str) -> list[str]:
    """List the addresses on the page's own host that a browser loads for it, without the host."""
    reader = _Reader()
    reader.feed(page)
    base = _joined(base, reader.base) or base
    found = (_on_host(_joined(base, said), host) for said in reader.found)
    return list(dict.fromkeys(address for address in found if address is not None))


def _joined(base: str, said: str) -> str:
    """Give the address that a page means; nothing if it means none."""
    try:
        return urljoin(base, said)
    except ValueError:
        return ""


def _on_host(address: str, host: str) -> str | None:
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or parts.netloc.lower() != host.lower():
        return None
    return parts.path or "/"


def _told(prefix: Prefix, host: str, what: str) -> str:
    own = f"{prefix.path.rpartition('/')[2].lower()}.{host.partition(':')[0]}"
    return (
        f"{what} outside of its path {prefix.path} and is not found there by browsers; use hosts: "
        f"[{own}] in place of path"
    )


class _Reader(HTMLParser):
    """Notes what a page loads."""

    def __init__(self) -> None:
        super().__init__()
        self.base = ""
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "base":
            self.base = self.base or said.get("href", "")
        elif tag == "link" and not _APPLIES & set(said.get("rel", "").lower().split()):
            return
        elif address := said.get(_LOADED.get(tag, "")):
            self.found.append(address)
