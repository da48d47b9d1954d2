"""Asks image registries over HTTP for the digest of a tag, and deletes images."""

from __future__ import annotations

import hashlib
import os
import re
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from webstack.engine.model.provider import ProviderError
from webstack.engine.providers.docker.registry.credentials import Login
from webstack.engine.providers.docker.registry.image_names import ImageName

if TYPE_CHECKING:
    import requests

NOT_FOUND: Final = 404
_UNAUTHORIZED: Final = 401
_MANIFESTS: Final = ", ".join(
    (
        "application/vnd.docker.distribution.manifest.v2+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.oci.image.index.v1+json",
    )
)
_TIMEOUT: Final = 30


class RegistryClient:
    """Calls the registry of one image at ``address``, with ``login`` where there is one."""

    def __init__(
        self,
        image: ImageName,
        address: str,
        login: Login | None,
        environ: Mapping[str, str] = os.environ,
        *,
        verify: bool = True,
    ) -> None:
        self._image = image
        self._address = address
        self._login = login
        self._verify = verify and _authorities(environ)

    def digest(self) -> str | None:
        """Return the digest that the image's tag stands for, None if there is none."""
        answer = self._ask("HEAD", self._image.tag)
        if answer.status_code == NOT_FOUND:
            return None
        if "Docker-Content-Digest" in answer.headers:
            return str(answer.headers["Docker-Content-Digest"])
        content = self._ask("GET", self._image.tag).content
        return f"sha256:{hashlib.sha256(content).hexdigest()}"

    def delete(self, digest: str) -> None:
        """Delete an image. One that is not there is no error."""
        self._ask("DELETE", digest)

    def _ask(self, method: str, reference: str) -> requests.Response:
        # The HTTP library takes a tenth of a second to import, and few runs come here.
        import requests
        import urllib3

        if not self._verify:  # the user said so
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
        url = f"{self._address}/v2/{self._image.repository}/manifests/{reference}"
        headers = {"Accept": _MANIFESTS}
        user = (self._login.username, self._login.password) if self._login else None
        with _reported(self._image):
            answer = requests.request(
                method, url, headers=headers, auth=user, verify=self._verify, timeout=_TIMEOUT
            )
            if answer.status_code == _UNAUTHORIZED:
                headers["Authorization"] = f"Bearer {self._token(answer)}"
                answer = requests.request(
                    method, url, headers=headers, verify=self._verify, timeout=_TIMEOUT
                )
        if answer.status_code != NOT_FOUND and not answer.ok:
            raise ProviderError(
                f"registry {self._image.registry} answers {answer.status_code} {answer.reason} "
                f"for {self._image.repository}"
            )
        return answer

    def _token(self, answer: requests.Response) -> str:
        """Fetch a token from where the registry says that one is issued."""
        import requests

        challenge = answer.headers.get("WWW-Authenticate", "")
        fields = dict(re.findall(r'(\w+)="([^"]*)"', challenge))
        if not challenge.startswith("Bearer") or "realm" not in fields:
            raise ProviderError(
                f"registry {self._image.registry} refuses the login; see docker:registryAuth"
            )
        scope = fields.get("scope") or f"repository:{self._image.repository}:pull"
        given = requests.get(
            fields["realm"],
            params={"service": fields.get("service", ""), "scope": scope},
            auth=(self._login.username, self._login.password) if self._login else None,
            verify=self._verify,
            timeout=_TIMEOUT,
        )
        content = given.json() if given.ok else {}
        token = content.get("token") or content.get("access_token")
        if not token:
            raise ProviderError(
                f"registry {self._image.registry} gives no token; see docker:registryAuth"
            )
        return str(token)


def _authorities(environ: Mapping[str, str]) -> bool | str:
    """Return the authorities that the CLI trusts: SSL_CERT_FILE, or the system's own.

    Only the CLI knows no REQUESTS_CA_BUNDLE, which counts where SSL_CERT_FILE names nothing; True
    leaves that one to requests.
    """
    if named := environ.get("SSL_CERT_FILE"):
        return named
    if environ.get("REQUESTS_CA_BUNDLE") or environ.get("CURL_CA_BUNDLE"):
        return True
    return ssl.get_default_verify_paths().cafile or True


@contextmanager
def _reported(image: ImageName) -> Iterator[None]:
    import requests

    try:
        yield
    except requests.exceptions.SSLError as error:
        raise ProviderError(
            f"registry {image.registry} has no certificate that this machine trusts; name the file "
            "of its authority in SSL_CERT_FILE, or set insecureSkipVerify"
        ) from error
    except requests.RequestException as error:
        raise ProviderError(f"registry {image.registry} cannot be reached") from error
    except OSError as error:  # of requests, where a file of authorities is missing
        raise ProviderError(f"registry {image.registry} cannot be asked: {error}") from error
