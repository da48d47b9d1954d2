"""Declares the Certificate resource. It puts the stack's certificate where nginx reads it.

nginx reads the file anew for each new session, so neither a release nor a reload is needed. The
state keeps keys encrypted.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

import pulumi
from pulumi.dynamic import (
    CreateResult,
    DiffResult,
    Resource,
    ResourceProvider,
    UpdateResult,
)

from infra.daemon.failures import ContainerError, told_plainly
from infra.runtime.running import running_containers
from proxy import paths
from webstack.contract import plain_text

_PLACE = f"{paths.CERTIFICATES_DIRECTORY}/{paths.SITE_CERTIFICATE}.pem"
_LONGEST_ORDER = 60
_DIGEST = f"sha256sum {_PLACE} 2>/dev/null || true"


class CertificateProvider(ResourceProvider):
    """Takes the certificate that it is given, issues one for development, or has one ordered."""

    serialize_as_secret_always = False  # the keys are secret, the rest stays readable

    def diff(self, _id: str, olds: Mapping[str, Any], news: Mapping[str, Any]) -> DiffResult:
        """Report a change if the certificate has to be put in its place again.

        That is so if the mode, the hosts or the given certificate are others, if one for
        development has to be renewed, or if another file or no file is in its place.
        """
        return DiffResult(changes=_differs(olds, news) or not _in_place(olds))

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Make the certificate, unless it is given, and put it in its place."""
        with told_plainly():
            return CreateResult("certificate", _put({}, props))

    def update(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Put the next certificate in its place.

        The same authority issues it if that authority may still sign for the hosts.
        """
        with told_plainly():
            return UpdateResult(_put(olds, news))


def _differs(olds: Mapping[str, Any], news: Mapping[str, Any]) -> bool:
    if any(olds.get(key) != news.get(key) for key in ("mode", "hosts", "fingerprint")):
        return True
    # Ours are issued anew in time; whoever gave one is told when it ends.
    return news["mode"] == "development" and _now().isoformat() > str(olds.get("renewed_from"))


def _put(olds: Mapping[str, Any], news: Mapping[str, Any]) -> dict[str, Any]:
    made = dict(news)
    if news["mode"] == "acme":
        return {**made, "digest": _ordered(str(news["container"]))}
    if news["mode"] == "development":
        made |= _issued(olds, news["hosts"])
    pem = str(made["pem"]).encode()
    containers = running_containers()
    containers.write_secret(news["container"], _PLACE, pem, owner=int(news["owner"]))
    return {**made, "digest": hashlib.sha256(pem).hexdigest()}


def _issued(olds: Mapping[str, Any], hosts: Sequence[str]) -> dict[str, Any]:
    from infra.model import certificates

    now = _now()
    authority = str(olds.get("authority") or "")
    kept = authority if authority and certificates.may_sign(authority, hosts) else ""
    made = certificates.issued(hosts, now, kept, str(olds.get("authority_key") or ""))
    renewed_from = now + certificates.LIFETIME - certificates.RENEWED
    return {
        "authority": made.authority,
        "authority_key": made.authority_key,
        "pem": made.key + made.chain,
        "renewed_from": renewed_from.isoformat(),
    }


def _ordered(keeper: str) -> str:
    """Have the keeper order what is due, and tell what came of it.

    It goes on trying by itself, so a certificate that is not issued fails no update.
    """
    try:
        said = running_containers().run(keeper, "python3", "-m", "keeper", str(_LONGEST_ORDER))
    except ContainerError as error:
        said = f"{error}"
    print(f"certificate: {plain_text.line(said.strip())}", file=sys.stderr, flush=True)
    return ""


def _in_place(olds: Mapping[str, Any]) -> bool:
    """Tell whether the certificate is in its place.

    True as well if the container cannot be asked: then no file could be put there either.
    """
    try:
        if olds["mode"] == "acme":
            return _issued_by_now(str(olds["container"]))
        found = running_containers().read(str(olds["container"]), "sh", "-c", _DIGEST)
    except ContainerError:
        return True
    return found.partition(" ")[0] == olds.get("digest")


def _issued_by_now(keeper: str) -> bool:
    said = running_containers().read(keeper, "cat", paths.CERTIFICATES_STATUS)
    try:
        return bool(json.loads(said).get("issued"))
    except (ValueError, AttributeError):
        return False


def _now() -> datetime:
    return datetime.now(timezone.utc)  # no input: as for the stack


class Certificate(Resource, module="webstack", name="Certificate"):
    """Declares the certificate of all hosts of a stack.

    It lies in a volume of the nginx container ``container``. ``pem`` has the key and the chain, for
    mode "files"; ``fingerprint`` stands for them where everybody may read. ``owner`` is the numeric
    user that nginx runs as.
    """

    authority: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        mode: str,
        hosts: Sequence[str],
        container: str,
        owner: int,
        pem: pulumi.Input[str] | None = None,
        fingerprint: str = "",
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        properties = {
            "mode": mode,
            "hosts": list(hosts),
            "container": container,
            "owner": owner,
            "fingerprint": fingerprint,
            "pem": pem,
            "authority": None,
            "authority_key": None,
            "renewed_from": None,
            "digest": None,
        }
        sealed = pulumi.ResourceOptions(additional_secret_outputs=["pem", "authority_key"])
        super().__init__(
            CertificateProvider(), name, properties, pulumi.ResourceOptions.merge(opts, sealed)
        )
