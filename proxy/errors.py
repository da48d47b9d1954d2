"""Writes the proxy's own error pages as HTML or JSON. Those of services pass unchanged."""

from proxy.headers import added_headers
from proxy.paths import ERROR_PAGES_DIRECTORY
from proxy.site import RESERVED_PATH
from proxy.syntax import Node, block, directive, group, quoted, remark, when
from proxy.variables import EMPTY, table

RETRY_AFTER = 5

TITLES = {
    400: "Bad request",
    401: "Login required",
    403: "Forbidden",
    404: "Page not found",
    405: "Method not allowed",
    413: "Request too large",
    414: "Address too long",
    429: "Too many requests",
    431: "Request headers too large",
    500: "Internal error",
    501: "Not understood",
    502: "No valid answer from the service",
    503: "Service not available",
    504: "The service took too long",
    505: "HTTP version not known",
}

ADVICE = {
    401: "A name and a password are needed here.",
    404: "Nothing is served at this address.",
    413: "The service takes no request as large as this.",
    429: "Please try again in a moment.",
    503: "It should be back in a moment.",
    504: "Please try again in a moment.",
}

# nginx's own number, which it never sends.
_HEADERS_TOO_LARGE = 494

_NO_ADVICE = "The request could not be answered."
_PAGE = f"{RESERVED_PATH}/error.$error_format"


def error_pages() -> Node:
    """Send errors to the pages. 500 and 502 have two meanings and are looked at first."""
    direct = [code for code in TITLES if code not in (431, 500, 502)]
    return group(
        remark("Errors of the proxy's own; what a service answers passes as it is."),
        directive("recursive_error_pages", "on"),
        directive("error_page", *direct, _PAGE),
        directive("error_page", _HEADERS_TOO_LARGE, "=431", _PAGE),
        directive("error_page", 502, "=", "@unavailable"),
        directive("error_page", 500, "=", "@failed"),
    )


def error_tables() -> Node:
    """Declare the texts of the pages and their formats."""
    return group(
        table("$status", "$error_title", _texts("Error", TITLES), note="Error pages."),
        table("$status", "$error_advice", _texts(_NO_ADVICE, ADVICE)),
        table(
            "$http_accept",
            "$error_format",
            {"default": "html", "~*text/html": "html", "~*[/+]json": "json"},
        ),
        table("$status", "$retry_after", {"default": EMPTY, "429": "1", "503": str(RETRY_AFTER)}),
    )


def error_locations() -> Node:
    """Serve the pages, and tell a service that is down from one that broke off."""
    return group(
        _told_apart(
            "@unavailable",
            502,
            "503 where no service could be reached, so nothing was sent; else 502.",
        ),
        _told_apart("@failed", 500, "The same where the proxy has no room for a body."),
        block(
            f"location ^~ {RESERVED_PATH}/",
            directive("internal"),
            directive("recursive_error_pages", "off"),
            directive("alias", f"{ERROR_PAGES_DIRECTORY}/"),
            directive("charset", "utf-8"),
            directive("ssi", "on"),
            directive("ssi_types", "application/json"),
            added_headers(),
            directive("add_header", "Cache-Control", "no-store", "always"),
            directive("add_header", "Retry-After", "$retry_after", "always"),
        ),
    )


def _told_apart(location: str, status: int, note: str) -> Node:
    return block(
        f"location {location}",
        directive("error_page", status, 503, _PAGE),
        when('$upstream_connect_time ~ "[0-9]"', directive("return", status)),
        directive("return", 503),
        note=note,
    )


def _texts(default: str, texts: dict[int, str]) -> dict[str, str]:
    rows = {str(code): quoted(text) for code, text in texts.items()}
    return {"default": quoted(default), **rows}
