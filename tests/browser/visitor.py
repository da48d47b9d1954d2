"""A visitor: one browser window with its own cookies and cache, which notes every failure."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, Response

from tests.deployment import Deployment

# Flask's debug toolbar serves its files itself, in development only.
TOOLBAR = "/_debug_toolbar/"
TRANSFERRED = """
performance.getEntriesByType("resource")
    .filter(entry => entry.transferSize > 0).map(entry => entry.name)
"""
SCREENSHOTS = Path(__file__).parents[2] / ".cache" / "screenshots"


@dataclass(frozen=True)
class Site:
    """A running stack, and the name of the environment that the stack shows."""

    environment: str
    deployment: Deployment

    @property
    def debug(self) -> bool:
        return self.environment == "debug"

    def url(self, path: str, host: str = "localhost") -> str:
        return f"http://{host}:{self.deployment.port}{path}"


class Visitor:
    """Opens pages of a site, and remembers every response, complaint and failure."""

    def __init__(self, site: Site, context: BrowserContext) -> None:
        self.site = site
        self.page: Page = context.new_page()
        self.responses: list[Response] = []
        self._faults: list[str] = []
        self._warnings: list[str] = []
        self.page.on("response", self._answered)
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self._faults.append(f"exception: {error}"))
        self.page.on("requestfailed", self._failed)

    def open(self, path: str, host: str = "localhost") -> Response:
        """Go to a page and wait until it has loaded all that it asks for."""
        response = self.page.goto(self.site.url(path, host))
        assert response is not None
        self.page.wait_for_load_state("networkidle")
        return response

    @property
    def faults(self) -> list[str]:
        """Give all that a developer would see in red: the console, exceptions, failed requests.

        Refused requests count as well. So do warnings on a page without a debug toolbar, where they
        are ours.
        """
        self.page.wait_for_load_state("networkidle")
        return self._faults + ([] if self.site.debug else self._warnings)

    @property
    def files(self) -> list[Response]:
        """Give all that the pages loaded besides documents."""
        return [
            response
            for response in self.responses
            if response.request.resource_type != "document" and TOOLBAR not in response.url
        ]

    def transferred(self) -> list[str]:
        """Give the files of the open page that came over the network rather than from the cache."""
        return [url for url in self.page.evaluate(TRANSFERRED) if TOOLBAR not in url]

    def status_of(self, url: str) -> int:
        """Fetch an address as the page itself would; gives the status."""
        return int(self.page.evaluate("async url => (await fetch(url)).status", url))

    def photograph(self, name: str) -> None:
        """Write a picture of the whole page for people to look at."""
        file = SCREENSHOTS / f"{self.site.environment}-{name}.png"
        self.page.screenshot(path=file, full_page=True)

    def _answered(self, response: Response) -> None:
        self.responses.append(response)
        if response.status >= 400:
            self._faults.append(f"{response.status}: {response.url}")

    def _said(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._faults.append(f"console: {message.text} ({message.location['url']})")
        elif message.type == "warning":
            self._warnings.append(f"warning: {message.text} ({message.location['url']})")

    def _failed(self, request: Request) -> None:
        # What the browser gives up because somebody clicked on is nobody's fault.
        if request.failure != "net::ERR_ABORTED":
            self._faults.append(f"failed: {request.url}: {request.failure}")
