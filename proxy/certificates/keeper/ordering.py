"""Orders a certificate from an ACME directory (RFC 8555), its challenges answered by nginx."""

import contextlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import josepy
import requests
from acme import challenges, client, crypto_util, errors, messages
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from keeper import place
from keeper.certificates import address, new_key
from keeper.errors import OrderError

_LONGEST = timedelta(seconds=90)


@dataclass(frozen=True)
class Directory:
    """Tells where certificates are ordered and by whom; ``authority`` is a file trusted there."""

    url: str
    email: str = ""
    profile: str = ""
    authority: Path | None = None

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
            with _answered(acme, order):
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
        net = client.ClientNetwork(
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
def _answered(acme: client.ClientV2, order: messages.OrderResource) -> Iterator[None]:
    """Have nginx answer what the directory asks, for as long as it may ask."""
    laid = []
    try:
        for authorization in order.authorizations:
            if authorization.body.status == messages.STATUS_VALID:
                continue
            challenge = _by_http(authorization)
            response, content = challenge.response_and_validation(acme.net.key)
            laid.append(place.answer(challenge.chall.encode("token"), content))
            acme.answer_challenge(challenge, response)
        yield
    finally:
        for path in laid:
            path.unlink(missing_ok=True)


def _by_http(authorization: messages.AuthorizationResource) -> messages.ChallengeBody:
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
        raise OrderError(f"{url} shows a certificate that is not trusted here") from None
    except (errors.Error, requests.RequestException, ValueError, OSError) as error:
        raise OrderError(f"{url} does not answer as it should: {error}") from None


def _reasons(error: errors.ValidationError) -> Iterator[str]:
    for authorization in error.failed_authzrs:
        for each in authorization.body.challenges:
            if each.error is not None:
                yield f"{authorization.body.identifier.value}: {each.error.detail}"
