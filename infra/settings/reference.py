"""Writes the tables of docs/settings.md: `python -m infra.settings.reference`.

Values and defaults come from the types, meanings from the comments in Pulumi.dev.yaml.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec

from infra.settings.data_servers import (
    S3,
    Backups,
    Keep,
    Postgres,
    StackBackups,
    Valkey,
    ValkeyBroker,
)
from infra.settings.observe import Alarms, Mail, Observe
from infra.settings.roles import Celery, CronJob, Role
from infra.settings.sections import (
    Cache,
    OwnWords,
    OwnWordsOfStack,
    Proxy,
    Rate,
    Redirection,
    Service,
    Settings,
)
from infra.settings.stateful import Stateful
from infra.settings.tls import Acme, Tls
from infra.settings.types import WORDS, FromSetting, Secret
from webstack.contract.health_check import HealthCheck

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "settings.md"
SOURCE = ROOT / "Pulumi.dev.yaml"
_PLACE = re.compile(r"(<!-- (\w+) -->\n).*?(?=<!-- /\2 -->)", re.DOTALL)
_ENGINE = "| `webstack:engine` | `pulumi`, `embedded` or `auto` | `auto` | {} |\n"
"""The one setting that the command reads and the program does not."""
_NAMED: dict[Any, str] = {
    str: "a text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    Secret: "keys of a [secret](#a-secret)",
    Proxy: "keys of the [proxy](#the-proxy)",
    Redirection: "keys `to` and `status`",
    Observe: "keys of [observing](#observing)",
    Alarms: "keys of [alarms](#alarms)",
    Mail: "keys of [mail](#mail)",
    Postgres: "keys of [PostgreSQL](#postgresql)",
    Backups: "keys of [backups](#backups), without `leave_out`",
    StackBackups: "keys of [backups](#backups)",
    S3: "keys of [S3](#s3)",
    Keep: "keys `daily`, `weekly` and `monthly`, each with a number",
    Valkey: "keys of a [Valkey](#valkey)",
    ValkeyBroker: "keys of a [Valkey](#valkey)",
    Stateful: "keys of a [server](#a-server)",
    OwnWords: "keys `server` and `location`, each with directives",
    OwnWordsOfStack: "keys `http` and `server`, each with directives",
    Rate: "keys of a [rate](#a-rate)",
    Cache: "keys of a [cache](#a-cache)",
    HealthCheck: "keys of a [health check](#a-health-check)",
    Tls: "keys of [HTTPS](#https)",
    FromSetting: "`setting: name`",
    Acme: "keys of [ordering](#ordering-certificates)",
    Role: "keys of a [role](#a-role)",
    Celery: "keys of [Celery](#celery)",
    CronJob: "keys of a [job](#a-job)",
    Service: "keys of a [service](#a-service)",
}


def rewritten(document: str, source: str) -> str:
    """Put the present tables into their places in the document; ``source`` has the comments."""
    said = meanings(source, 2, "webstack:")
    tables = {
        "stack": _table(Settings, said, "webstack:") + _ENGINE.format(said["engine"]),
        "service": _table(Service, meanings(_explained_service(source), 6)),
        "secret": _table(Secret),
        "cache": _table(Cache),
        "rate": _table(Rate),
        "health": _table(HealthCheck),
        "role": _table(Role),
        "celery": _table(Celery),
        "job": _table(CronJob),
        "proxy": _table(Proxy),
        "observe": _table(Observe),
        "alarms": _table(Alarms),
        "mail": _table(Mail),
        "postgres": _table(Postgres),
        "backups": _table(StackBackups),
        "s3": _table(S3),
        "valkey": _table(ValkeyBroker),
        "stateful": _table(Stateful),
        "tls": _table(Tls),
        "acme": _table(Acme),
    }
    return _PLACE.sub(lambda found: found[1] + tables[found[2]], document)


def meanings(source: str, indent: int, prefix: str = "") -> dict[str, str]:
    """Give the comment of each key that stands at this indentation of a settings file.

    Keys that follow one another share the comment above the first. A key that stands twice has both
    its comments.
    """
    line = re.compile(rf" {{{indent}}}(# )?(?! )(?:{prefix}([a-z_]+):(?: .*)?|(.*))")
    found: dict[str, str] = {}
    comment: list[str] = []
    complete = False
    for text in source.splitlines():
        match = line.fullmatch(text)
        if not match or not (match[1] or match[2]):
            continue
        if match[2]:
            found[match[2]] = " ".join(filter(None, [found.get(match[2]), *comment]))
            complete = True
        else:
            comment, complete = [*([] if complete else comment), match[3]], False
    return {key: value for key, value in found.items() if value}


def in_words(type_: Any) -> str:
    """Say which values a type takes."""
    if get_origin(type_) is Annotated:
        return _limited(*get_args(type_))
    if get_origin(type_) in (Union, UnionType):
        return " or ".join(in_words(each) for each in get_args(type_) if each is not NoneType)
    if get_origin(type_) is Literal:
        return " or ".join(f"`{each}`" for each in get_args(type_))
    if get_origin(type_) is tuple:
        return f"a list; each entry {in_words(get_args(type_)[0])}"
    if get_origin(type_) is dict:
        key, value = map(in_words, get_args(type_))
        return f"keys with values; each key {key}, each value {value}"
    return _NAMED[type_]


def _limited(type_: Any, limit: msgspec.Meta) -> str:
    words = WORDS[limit.pattern] if limit.pattern else in_words(type_)
    if limit.ge is not None and limit.le is not None:
        return f"{words} from {limit.ge:g} to {limit.le:d}"
    if limit.ge is not None:
        return f"{words} from {limit.ge:g}"
    return f"{words}; at least {limit.min_length}" if limit.min_length else words


def _explained_service(source: str) -> str:
    """Give the lines before the first service, which explain the keys of all."""
    return re.split(r"^ {4}(?:# )?[a-z]\S*:$", source, flags=re.MULTILINE)[1]


def _table(
    model: type[msgspec.Struct], said: dict[str, str] | None = None, prefix: str = ""
) -> str:
    columns = ["setting", "value", "default", *(["meaning"] if said else [])]
    rows = [columns, ["---"] * len(columns), *_rows(model, said, prefix)]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _rows(
    model: type[msgspec.Struct], said: dict[str, str] | None, prefix: str
) -> Iterator[list[str]]:
    for field in msgspec.structs.fields(model):
        meaning, _, default = (said or {}).get(field.name, "").partition(" Default: ")
        shown = _default(field) or default.rstrip(".") or "not set"
        row = [f"`{prefix}{field.name}`", in_words(field.type), shown]
        yield list(_escaped([*row, *([meaning] if said else [])]))


def _default(field: msgspec.structs.FieldInfo) -> str:
    """Give the default of a field; an empty text where only a comment can say it."""
    if field.required:
        return "required"
    if field.default in (None, msgspec.NODEFAULT):
        return ""
    value = msgspec.to_builtins(field.default)
    return f"`{value if isinstance(value, str) else json.dumps(value)}`"


def _escaped(cells: Iterable[str]) -> Iterator[str]:
    return (cell.replace("|", "\\|").replace("<", "&lt;") for cell in cells)


if __name__ == "__main__":
    DOCUMENT.write_text(rewritten(DOCUMENT.read_text(), SOURCE.read_text()))
