"""Orders a certificate from an ACME directory (RFC 8555), and proves hosts by HTTP or DNS."""

import contextlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import josepy
import requests
from acme import challenges, client, crypto_util, errors, messages
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from keeper import place
from keeper.certificates import address, new_key
from keeper.errors import OrderError
from keeper.hook import Hook

_REPEATED = 4
_LONGEST = timedelta(seconds=90)


class _Network(client.ClientNetwork):
    """Repeats what is refused for its nonce: a directory may forget good ones at any time."""

    def post(self, *args: Any, **words: Any) -> requests.Response:
        """Send it, some times more if need be; raises messages.Error."""
        for _ in range(_REPEATED):
            try:
                return super().post(*args, **words)
            except messages.Error as error:
                if error.code != "badNonce":
                    raise
        return super().post(*args, **words)


@dataclass(frozen=True)
class Directory:
    """Tells where certificates are ordered and by whom; ``authority`` is a file trusted there.

    With a ``hook`` hosts are proved by DNS, else by HTTP.
    """

    url: str
    email: str = ""
    profile: str = ""
    authority: Path | None = None
    hook: Hook | None = None

    def order(self, hosts: Sequence[str]) -> bytes:
        """Give a new key and the chain of its certificate, PEM; raises OrderError."""
        with _told(self.url):
            acme = self._client()
            self._sign_in(acme)
            key = new_key()
            names = [host for host in hosts if not address(host)]
            addresses = [found for host in hosts if (found := address(host))]
            csr = crypto_util.make_csr(key, names, ipaddrs=addresses)
            order = acme.new_order(csr, profile=self.profile or None)
            proved = _by_dns(acme, order, self.hook) if self.hook else _by_http(acme, order)
            with proved:
                # The library takes moments of the clock on the wall.
                done = acme.poll_and_finalize(order, datetime.now() + _LONGEST)
            return key + done.fullchain_pem.encode()

    def advice(self, certificate: bytes) -> datetime | None:
        """Give when the directory advises to renew, if it does; raises OrderError."""
        with _told(self.url):
            leaf = certificate[certificate.index(b"-----BEGIN CERTIFICATE") :]
            advised, _ = self._client().renewal_time(leaf)
            return advised

    def _client(self) -> client.ClientV2:
        key = josepy.JWKEC(key=load_pem_private_key(_account_key(), None))
        net = _Network(
            key,
            alg=josepy.ES256,
            verify_ssl=str(self.authority) if self.authority else True,
            user_agent="webstack",
        )
        return client.ClientV2(client.ClientV2.get_directory(self.url, net), net)

    def _sign_in(self, acme: client.ClientV2) -> None:
        wanted = messages.NewRegistration.from_data(
            email=self.email or None, terms_of_service_agreed=True
        )
        try:
            acme.new_account(wanted)
        except errors.ConflictError as known:
            acme.net.account = messages.RegistrationResource(
                body=messages.Registration(), uri=known.location
            )


def _account_key() -> bytes:
    if not place.KEY.exists():
        place.write(place.KEY, new_key(), 0o600)
    return place.KEY.read_bytes()


@contextlib.contextmanager
def _by_http(acme: client.ClientV2, order: messages.OrderResource) -> Iterator[None]:
    """Have nginx answer what the directory asks, for as long as it may ask."""
    laid = []
    try:
        for authorization in order.authorizations:
            if authorization.body.status == messages.STATUS_VALID:
                continue
            challenge = _http_challenge(authorization)
            response, content = challenge.response_and_validation(acme.net.key)
            laid.append(place.answer(challenge.chall.encode("token"), content))
            acme.answer_challenge(challenge, response)
        yield
    finally:
        for path in laid:
            path.unlink(missing_ok=True)


@contextlib.contextmanager
def _by_dns(acme: client.ClientV2, order: messages.OrderResource, hook: Hook) -> Iterator[None]:
    """Have the hook lay all records before any is asked for, and take them away at the end.

    Several may have one name: a host and all below it are proved by two.
    """
    laid: list[tuple[str, str]] = []
    asked = []
    try:
        for authorization in order.authorizations:
            if authorization.body.status != messages.STATUS_VALID:
                name, value, challenge, response = _dns_challenge(acme, authorization)
                laid.append((name, value))
                hook.run("present", name, value)
                asked.append((challenge, response))
        for challenge, response in asked:
            acme.answer_challenge(challenge, response)
        yield
    finally:
        for record in laid:
            with contextlib.suppress(OrderError):  # what stays proves nothing any more
                hook.run("remove", *record)


def _dns_challenge(
    acme: client.ClientV2, authorization: messages.AuthorizationResource
) -> tuple[str, str, messages.ChallengeBody, challenges.DNS01Response]:
    host = authorization.body.identifier.value
    for each in authorization.body.challenges:
        if isinstance(each.chall, challenges.DNS01):
            response, value = each.response_and_validation(acme.net.key)
            return each.chall.validation_domain_name(host), value, each, response
    raise OrderError(f"{host} cannot be proved by DNS there")


def _http_challenge(authorization: messages.AuthorizationResource) -> messages.ChallengeBody:
    for each in authorization.body.challenges:
        token = getattr(each.chall, "token", b"")
        # It becomes a file's name.
        if isinstance(each.chall, challenges.HTTP01) and re.fullmatch(
            r"[A-Za-z0-9_-]{16,256}", each.chall.encode("token") if token else ""
        ):
            return each
    raise OrderError(f"{authorization.body.identifier.value} cannot be proved by HTTP there")


@contextlib.contextmanager
def _told(url: str) -> Iterator[None]:
    try:
        yield
    except errors.ValidationError as error:
        raise OrderError("; ".join(_reasons(error)) or "a host was not proved") from None
    except messages.Error as error:
        raise OrderError(f"{error.detail or error}", refused=error.code == "rateLimited") from None
    except errors.TimeoutError:
        raise OrderError(f"{url} did not issue within {_LONGEST.seconds} s") from None
    except requests.exceptions.SSLError:
        raise OrderError(
            f"{url} shows a certificate that is not trusted here, or the clock here is wrong"
        ) from None
    except (errors.Error, requests.RequestException, ValueError, OSError) as error:
        raise OrderError(f"{url} does not answer as it should: {error}") from None


def _reasons(error: errors.ValidationError) -> Iterator[str]:
    for authorization in error.failed_authzrs:
        for each in authorization.body.challenges:
            if each.error is not None:
                yield f"{authorization.body.identifier.value}: {each.error.detail}"
