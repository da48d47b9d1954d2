"""Asks the package index which files it has of packages."""

from __future__ import annotations

import os
import re
import ssl
import urllib.error
import urllib.request
import zlib
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

import msgspec

from webstack.cli.machine.installer import Pip
from webstack.cli.machine.package_index import uv_environment
from webstack.cli.terminal.errors import OpsError

_USUAL = "https://pypi.org/simple"
_MOST = 300
"""Packages that are asked for."""
_LARGEST = 30_000_000
"""Bytes of an answer that are read."""
_SECONDS = 15
_AT_ONCE = 16
_HEADERS = {
    "Accept": "application/vnd.pypi.simple.v1+json, text/html;q=0.1",
    "Accept-Encoding": "gzip",
}
_LINK = re.compile(r">\s{0,9}([\w.+!-]{1,200}\.(?:whl|tar\.gz|zip))\s{0,9}<")


class _File(msgspec.Struct):
    filename: str


class _Page(msgspec.Struct):
    files: list[_File]


def index_files(
    names: Iterable[str], environ: Mapping[str, str] = os.environ
) -> Mapping[str, Sequence[str]]:
    """Give the names of the files that the index has of each package; of one it lacks, none.

    Raises OSError where the index does not answer, or there is none.
    """
    wanted = list(islice(names, _MOST))
    if not wanted:
        return {}
    settings = uv_environment(_pip_settings(), environ)
    if settings.get("UV_NO_INDEX"):
        raise OSError("there is no package index")
    address = settings.get("UV_DEFAULT_INDEX", _USUAL).rstrip("/")
    if not address.startswith(("https://", "http://")):
        raise OSError("the package index is no web address")
    context = _context(settings.get("SSL_CERT_FILE"))
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        pages = pool.map(lambda name: _page(f"{address}/{name}/", context), wanted)
        return dict(zip(wanted, pages, strict=True))


def _pip_settings() -> str:
    try:
        return Pip(None).settings()
    except OpsError:
        return ""


def _context(authorities: str | None) -> ssl.SSLContext:
    there = authorities if authorities and Path(authorities).is_file() else None
    return ssl.create_default_context(cafile=there)


def _page(address: str, context: ssl.SSLContext) -> list[str]:
    request = urllib.request.Request(address, headers=_HEADERS)  # noqa: S310 - checked
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS, context=context) as answer:  # noqa: S310
            body = answer.read(_LARGEST)
            kind = answer.headers.get("Content-Type", "")
            packed = answer.headers.get("Content-Encoding") == "gzip"
    except urllib.error.HTTPError as error:
        if error.code == 404:
            return []
        raise
    return read_page(unpacked(body) if packed else body, kind)


def unpacked(body: bytes) -> bytes:
    """Give what gzip has packed, within the same bound; nothing where it is none."""
    try:
        return zlib.decompressobj(wbits=31).decompress(body, _LARGEST)
    except zlib.error:
        return b""


def read_page(body: bytes, kind: str) -> list[str]:
    """Give the names of the files on an index's page, JSON or HTML."""
    if "json" not in kind:
        return _LINK.findall(body.decode(errors="replace"))
    try:
        return [each.filename for each in msgspec.json.decode(body, type=_Page).files]
    except msgspec.DecodeError:
        return []
