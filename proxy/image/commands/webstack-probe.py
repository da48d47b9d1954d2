#!/usr/bin/python3 -IS
"""webstack-probe SOCKET PATH HOST SECONDS: wait until a server on a unix socket answers 200.

Exits 1 when it does not in time, and says what it answered last.

webstack-probe --until SOCKET PATH HOST SECONDS SCHEME WITHIN RANGES: ask until a status comes that
is in RANGES, as `200-299,401-401`, but begin no try after the seconds of WITHIN. Print what came
last as JSON, which has a `problem` where nothing did. A try takes SECONDS at most.

webstack-probe --page SOCKET PATH HOST SECONDS SCHEME HEADER…: ask once with more headers, each as
`Name: value`, and print the page as well, as `type` and `page`.
"""

import json
import sys
import time
from pathlib import Path

# Python is started without the script's folder on its path.
sys.path.append(str(Path(sys.argv[0]).resolve().parent))
from webstack_sockets import connected  # type: ignore[import-not-found]

PAUSE = 0.1
SOON = 0.02
"""Seconds until a server that is not there yet is looked for again, which costs it nothing."""
LATER = 0.2
"""Seconds until one that gave another answer is asked again."""
LONGEST = 2000
LONGEST_PAGE = 300_000
"""Bytes of an answer that are looked at."""

PROBLEMS = {
    FileNotFoundError: "no socket",
    ConnectionRefusedError: "connection refused",
    PermissionError: "permission denied",
    TimeoutError: "timed out",
    BlockingIOError: "queue full",
}


def question(path: str, host: str, scheme: str, *more: str) -> bytes:
    """Write the request; where browsers come by https, it is as the proxy would pass it on."""
    forwarded = [] if scheme == "http" else [f"X-Forwarded-Proto: {scheme}"]
    head = [f"GET {path} HTTP/1.0", f"Host: {host}", *forwarded, *more, "Connection: close"]
    return "".join(f"{line}\r\n" for line in [*head, ""]).encode()


def answer(path: str, request: bytes, seconds: float, longest: int = LONGEST) -> bytes:
    """Send a request and give what comes back, of a long answer the beginning."""
    end = time.monotonic() + seconds
    received = b""
    with connected(path, seconds) as connection:
        connection.sendall(request)
        while len(received) < longest:
            # What has come by then is an answer, too: an event stream has no end.
            connection.settimeout(max(end - time.monotonic(), 0.001))
            try:
                part = connection.recv(longest)
            except TimeoutError:
                if b"\r\n\r\n" in received:
                    break
                raise
            if not part:
                break
            received += part
    return received[:longest]


def parsed(received: bytes, *, whole: bool = False) -> dict[str, object]:
    """Give the status, the first line, where a redirect leads to, and how the body begins.

    A `whole` answer has its type and its page, too.
    """
    head, _, body = received.decode(errors="replace").partition("\r\n\r\n")
    line, *fields = head.split("\r\n")
    words = line.split()
    if not received:
        return {"problem": "closed without an answer"}
    if not line.startswith("HTTP/") or not words[1:2] or not words[1].isdecimal():
        return {"problem": "no HTTP", "line": line[:200]}
    named = {name.lower(): value.strip() for name, _, value in (f.partition(":") for f in fields)}
    kind = named.get("content-type", "")
    return {
        "status": int(words[1]),
        "line": line[:200],
        "location": named.get("location", "")[:500],
        "body": "" if "html" in kind else body.strip().partition("\n")[0][:200],
        **({"type": kind[:200], "page": body} if whole else {}),
    }


def asked(
    socket_path: str, request: bytes, seconds: float, *, whole: bool = False
) -> dict[str, object]:
    """Ask once, and give what came of it."""
    longest = LONGEST_PAGE if whole else LONGEST
    try:
        return parsed(answer(socket_path, request, seconds, longest), whole=whole)
    except OSError as error:
        return {"problem": PROBLEMS.get(type(error), error.strerror or str(error))}


def until(
    socket_path: str, request: bytes, seconds: float, within: float, ranges: str
) -> dict[str, object]:
    """Ask until a status in the ranges comes, or the time is over; give the last answer."""
    bounds = [part.partition("-") for part in ranges.split(",") if part]
    accepted = [range(int(low), int(high) + 1) for low, _, high in bounds]
    end = time.monotonic() + within
    while True:
        last = asked(socket_path, request, seconds)
        status = last.get("status")
        pause = SOON if status is None else LATER
        if any(status in each for each in accepted) or time.monotonic() + pause >= end:
            return last
        time.sleep(pause)


def probe(socket_path: str, path: str, host: str, seconds: float) -> str:
    """Give an empty text as soon as the answer is 200, else the last answer."""
    request = question(path, host, "http")
    end = time.monotonic() + seconds
    last: dict[str, object] = {}
    while (left := end - time.monotonic()) > 0:
        last = asked(socket_path, request, left)
        if last.get("status") == 200:
            return ""
        time.sleep(PAUSE)
    return " ".join(str(last[part]) for part in ("problem", "line", "body") if last.get(part))


if __name__ == "__main__":
    if sys.argv[1] == "--until":
        target, path, host, seconds, scheme, within, ranges = sys.argv[2:]
        request = question(path, host, scheme)
        print(json.dumps(until(target, request, float(seconds), float(within), ranges)))
    elif sys.argv[1] == "--page":
        target, path, host, seconds, scheme, *more = sys.argv[2:]
        request = question(path, host, scheme, *more)
        print(json.dumps(asked(target, request, float(seconds), whole=True)))
    else:
        target, path, host, seconds = sys.argv[1:]
        if last := probe(target, path, host, float(seconds)):
            sys.exit(f"no 200 from {path} on {target} within {seconds} s; the last answer: {last}")
