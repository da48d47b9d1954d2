r"""What the values of settings may be: types with their limits, and the words for them.

Patterns match whole texts: they end in ``\Z``, since ``$`` would let a line end through.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from webstack.contract import health_check, stack_host

_NAME = r"\A[a-z]([a-z0-9-]{0,29}[a-z0-9])?\Z"
_KEPT = r"\A[a-z]([a-z0-9-]{0,29}[a-z0-9])?(\.[a-z]([a-z0-9-]{0,29}[a-z0-9])?)?\Z"
_VARIABLE = r"\A[A-Za-z_][A-Za-z0-9_]*\Z"
_SEGMENT = r"/(?!\.{1,2}(/|\Z))"
_PATH = rf"\A(?=.{{1,1000}}\Z)(/|({_SEGMENT}[A-Za-z0-9._~-]+)+)\Z"
_HOST_NAME = rf"\A(?=.{{1,253}}\Z)(\*\.)?{health_check.LABEL}(\.{health_check.LABEL})*\Z"
_REDIRECT_SOURCE = rf"\A({_SEGMENT}[A-Za-z0-9._~%-]+)+(/\*?)?\Z"
_REDIRECT_TARGET = r"\A(https?://[A-Za-z0-9.:-]+)?/(?![/\\])[A-Za-z0-9._~!&'()*+,=:@%/?#-]*\Z"
_DIRECTORY = rf"\A({_SEGMENT}[^\s:,/\\\"\x00-\x1f\x7f\ud800-\udfff]+)+\Z"
_APPLICATION = r"\A[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*(\.[A-Za-z_]\w*)*(\(\))?\Z"
_NETWORK = r"\A[0-9a-fA-F.:]+(/[0-9]{1,3})?\Z"
_MOMENT = r"\A\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z\Z"
_IMAGE = r"\A[a-z0-9][A-Za-z0-9._/:-]*(@sha256:[0-9a-f]{64})?\Z"
_MACHINE = stack_host.ADDRESS
_TEXT = r"\A[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]*\Z"
_HEADER = r"\A[A-Za-z][A-Za-z0-9-]{0,63}\Z"
_COOKIE = r"\A[A-Za-z0-9._-]{1,64}\Z"
_USER_NAME = r"\A[A-Za-z0-9._@+-]{1,64}\Z"
_POLICY = r"\A[ !#%-\[\]-~]{0,4096}\Z"
_EXTENSION = r"\A[a-z][a-z0-9_-]{0,62}\Z"
_OF_SERVER = r"\A[a-z]([a-z0-9-]{0,29}[a-z0-9])?\.[A-Za-z_][A-Za-z0-9_]*\Z"
_QUEUE = r"\A[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}\Z"
_LINE = r"\A[^\x00-\x1f\x7f\ud800-\udfff]+\Z"

WORDS = {
    _NAME: "a name of small letters, digits and dashes, a letter first, 31 at most",
    _KEPT: "a service such as shop, for its data, or shop.uploads for its volume uploads",
    _VARIABLE: "the name of an environment variable",
    _PATH: "a path such as / or /shop, without a slash at its end",
    _HOST_NAME: "a host name such as shop.example.com, or *.example.com for all below it, in small "
    "letters and without a port",
    _REDIRECT_SOURCE: "a path such as /old, or /old/* for all below it",
    _REDIRECT_TARGET: "a path such as /new, or an address such as https://example.org/new",
    _DIRECTORY: "an absolute folder inside the container such as /data",
    _APPLICATION: "an application as module:name, such as shop.wsgi:app or shop:create_app()",
    _NETWORK: "an address or a network such as 192.0.2.0/24",
    _MOMENT: "a moment in UTC, such as 2026-12-24T18:00:00Z",
    _IMAGE: "an image such as debian:trixie-slim, best with its digest",
    _TEXT: "a text without control characters",
    _QUEUE: "the name of a queue such as mails",
    _LINE: "a text of one line without control characters",
    _HEADER: "the name of a header such as Accept-Language",
    _COOKIE: "the name of a cookie such as sessionid",
    _POLICY: "the text of a header in ASCII, without $, double quotes and backslashes",
    _EXTENSION: "the name of an extension such as pg_trgm",
    _OF_SERVER: "a secret of something stateful, such as search.MASTER_KEY",
    _MACHINE: stack_host.WORDS,
    _USER_NAME: "a name such as anna, without colons and spaces",
    health_check.PATH: "a path such as /up/ or /health?full=1, without spaces",
    health_check.HOST: "a host name such as shop.example.com, or shop.example.com:8080",
    health_check.STATUSES: "a range of statuses such as 200-299",
}
"""What each pattern asks for, as a user reads it."""

Name = Annotated[str, msgspec.Meta(pattern=_NAME)]
KeptName = Annotated[str, msgspec.Meta(pattern=_KEPT)]
Variable = Annotated[str, msgspec.Meta(pattern=_VARIABLE)]
Path = Annotated[str, msgspec.Meta(pattern=_PATH)]
RedirectSource = Annotated[str, msgspec.Meta(pattern=_REDIRECT_SOURCE)]
RedirectTarget = Annotated[str, msgspec.Meta(pattern=_REDIRECT_TARGET)]
HostName = Annotated[str, msgspec.Meta(pattern=_HOST_NAME)]
Directory = Annotated[str, msgspec.Meta(pattern=_DIRECTORY)]
Application = Annotated[str, msgspec.Meta(pattern=_APPLICATION)]
Moment = Annotated[str, msgspec.Meta(pattern=_MOMENT)]
ImageName = Annotated[str, msgspec.Meta(pattern=_IMAGE)]
Network = Annotated[str, msgspec.Meta(pattern=_NETWORK)]
Text = Annotated[str, msgspec.Meta(pattern=_TEXT)]
Line = Annotated[str, msgspec.Meta(pattern=_LINE)]
QueueName = Annotated[str, msgspec.Meta(pattern=_QUEUE)]
ServerAddress = Annotated[str, msgspec.Meta(pattern=health_check.HOST)]
Command = Annotated[tuple[Text, ...], msgspec.Meta(min_length=1)]
Positive = Annotated[int, msgspec.Meta(ge=1)]
Port = Annotated[int, msgspec.Meta(ge=1, le=65535)]
Cpus = Annotated[float, msgspec.Meta(ge=0.1, le=1024)]
Mebibytes = Annotated[int, msgspec.Meta(ge=16, le=16 * 2**20)]
Processes = Annotated[int, msgspec.Meta(ge=16, le=32768)]
Seconds = Annotated[int, msgspec.Meta(ge=1, le=3600)]
LongSeconds = Annotated[int, msgspec.Meta(ge=1, le=86400)]
Machine = Annotated[str, msgspec.Meta(pattern=_MACHINE)]
SecretOf = Annotated[str, msgspec.Meta(pattern=_OF_SERVER)]
HeaderName = Annotated[str, msgspec.Meta(pattern=_HEADER)]
CookieName = Annotated[str, msgspec.Meta(pattern=_COOKIE)]
UserName = Annotated[str, msgspec.Meta(pattern=_USER_NAME)]
PolicyText = Annotated[str, msgspec.Meta(pattern=_POLICY)]
Extension = Annotated[str, msgspec.Meta(pattern=_EXTENSION)]


class FromSetting(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A text that is taken from a secret setting of the stack."""

    setting: Line


class Secret(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The origin of a secret: made once by the stack, a secret setting, or another's secret.

    Raising ``serial`` rotates a generated secret, and rolls the service in both cases. One that is
    ``of`` a server has the serial of the server's.
    """

    serial: Positive = 1
    setting: Line | None = None
    of: SecretOf | None = None
