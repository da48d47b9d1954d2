"""Tells people: a program of its own for each message, so that what it needs takes no memory.

``python3 -m meter.telling CHANNEL`` sends the message of its input; what kept it from that is one
line, and exit code 1.
"""

import json
import os
import sys
from collections.abc import Mapping
from typing import Any

_SECONDS = 15
CHANNELS = ("webhook", "email")
HEARTBEAT = "heartbeat"
_ADDRESSES = {"webhook": "ALARM_WEBHOOK", "email": "ALARM_EMAIL", HEARTBEAT: "ALARM_HEARTBEAT"}


def address(channel: str) -> str:
    """Give what the environment says of a channel, empty where it is not used."""
    return os.environ.get(_ADDRESSES[channel], "")


def tell(channel: str, message: Mapping[str, Any]) -> None:
    """Send a message on a channel; raises OSError or ValueError."""
    if channel == "email":
        _mail(json.loads(address(channel)), message)
    elif channel == HEARTBEAT:
        _call(address(channel), None)
    else:
        _call(address(channel), json.dumps(message).encode())


def _call(url: str, body: bytes | None) -> None:
    from urllib.request import Request, urlopen

    if not url.startswith(("http://", "https://")):
        raise ValueError("the address is no http or https address")
    headers = {"User-Agent": "webstack"}
    if body is not None:
        headers["Content-Type"] = "application/json"
    with urlopen(Request(url, body, headers), timeout=_SECONDS) as answer:  # noqa: S310 - see above
        answer.read(1)


def _mail(said: Mapping[str, Any], message: Mapping[str, Any]) -> None:
    import smtplib
    import ssl
    from email.message import EmailMessage

    mail = EmailMessage()
    mail["Subject"] = f"[{message['stack']}] {message['text']}"[:200]
    mail["From"], mail["To"] = said["sender"], said["to"]
    mail.set_content(f"{message['text']}\n\nStack: {message['stack']}\nTime: {message['time']}\n")
    host, _, port = said["server"].partition(":")
    number = int(port or 587)
    trusting = ssl.create_default_context()
    if number == 465:
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, number, timeout=_SECONDS, context=trusting)
    else:
        server = smtplib.SMTP(host, number, timeout=_SECONDS)
    with server:
        if number == 587:
            server.starttls(context=trusting)
        if said.get("user"):
            server.login(said["user"], os.environ.get("ALARM_PASSWORD", ""))
        server.send_message(mail)


if __name__ == "__main__":
    try:
        tell(sys.argv[1], json.load(sys.stdin))
    except (OSError, ValueError) as error:
        # Not more: an address has a secret in it.
        reason = getattr(error, "reason", None) or getattr(error, "code", None) or error
        sys.exit(f"{type(error).__name__}: {str(reason)[:200]}".replace("\n", " "))
