"""Declares the properties of a service, as the Pulumi provider does."""

from __future__ import annotations

import re
from typing import Any, Final

from webstack.engine.providers.docker.container.schema import LABELS
from webstack.engine.providers.docker.schema.rules import at_least, one_of
from webstack.engine.providers.docker.schema.schema import (
    Property,
    Schema,
    flag,
    list_of,
    number,
    record,
    set_of,
    text,
)
from webstack.engine.providers.docker.swarm.task_schema import TASK, span


def _ratio(value: Any) -> Any:
    """Return a ratio as a number, so that ``0.50`` equals ``0.5``."""
    try:
        return float(value)
    except ValueError:
        return value


def _is_ratio(value: str) -> str | None:
    number_ = re.fullmatch(r"\d+(\.\d+)?", value)
    return None if number_ and float(value) <= 1 else "must be a ratio from 0.0 to 1.0"


def _strategy(*actions: str) -> Property:
    """Describe how the tasks of a service are changed, or changed back."""
    return record(
        {
            "parallelism": number(default=1, rule=at_least(0)),
            "delay": span(default="0s"),
            "failureAction": text(default="pause", rule=one_of(*actions)),
            "monitor": span(default="5s"),
            "maxFailureRatio": text(default="0.0", rule=_is_ratio, normal=_ratio),
            "order": text(default="stop-first", rule=one_of("stop-first", "start-first")),
        }
    )


_AUTH: Final[Schema] = {
    "serverAddress": text(required=True),
    "username": text(),
    "password": text(secret=True),
}
# Docker refuses to turn a service of one mode into the other, so this replaces it. The Pulumi
# provider plans an update, which fails.
_MODE: Final[Schema] = {
    "global": flag(replaces=True),
    "replicated": record({"replicas": number(default=1, rule=at_least(0))}, computed=True),
}
_PORT: Final[Schema] = {
    "name": text(),
    "protocol": text(default="tcp", rule=one_of("tcp", "udp", "sctp")),
    "targetPort": number(required=True),
    "publishedPort": number(computed=True),
    "publishMode": text(default="ingress", rule=one_of("host", "ingress")),
}
_ENDPOINT: Final[Schema] = {
    "mode": text(computed=True, rule=one_of("vip", "dnsrr")),
    "ports": list_of(record(_PORT)),
}

SERVICE: Final[Schema] = {
    "name": text(replaces=True),
    "auth": record(_AUTH, replaces=True),
    "labels": set_of(LABELS, computed=True),
    "taskSpec": record(TASK, required=True),
    "mode": record(_MODE, computed=True),
    "updateConfig": _strategy("pause", "continue", "rollback"),
    "rollbackConfig": _strategy("pause", "continue"),
    "endpointSpec": record(_ENDPOINT, computed=True),
    "convergeConfig": record({"delay": span(default="7s"), "timeout": span(default="3m")}),
}
