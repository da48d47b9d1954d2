"""A service for the tests: it answers on a unix socket, tells requests, and misbehaves.

Run it as ``python3 upstream.py NAME SOCKET`` in a container. It needs only the standard library.
"""

import asyncio
import base64
import hashlib
import json
import signal
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

NAME, SOCKET = sys.argv[1:3] if len(sys.argv) > 2 else ("unnamed", "")
WEBSOCKET_KEY = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


async def serve() -> None:
    """Answer requests until told to stop, then finish those that have begun."""
    busy: set[asyncio.Task] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        busy.add(asyncio.current_task())
        try:
            await answer(reader, writer)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()
            busy.discard(asyncio.current_task())

    Path(SOCKET).unlink(missing_ok=True)
    server = await asyncio.start_unix_server(connected, SOCKET, backlog=2048)
    Path(SOCKET).chmod(0o777)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await stop.wait()
    server.close()
    if busy:
        await asyncio.wait(busy, timeout=8)


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Read one request and answer it as its path says."""
    method, target, headers = await head(reader)
    address = urlsplit(target)
    path = address.path.removeprefix(dict(headers).get("script_name", ""))
    if path == "/dying":  # as a worker that is killed while it reads a body
        await reader.readexactly(100_000)
        writer.transport.abort()
        return
    body = await content(reader, headers)
    action = ACTIONS.get(path, echo)
    query = {key: values[0] for key, values in parse_qs(address.query).items()}
    request = {"service": NAME, "method": method, "target": target, "headers": headers}
    request |= {"size": len(body), "digest": hashlib.sha256(body).hexdigest(), "query": query}
    await action(request, reader, writer)


async def head(reader: asyncio.StreamReader) -> tuple[str, str, list[list[str]]]:
    method, target, _ = (await reader.readline()).decode("latin-1").split()
    headers = []
    while line := (await reader.readline()).strip().decode("latin-1"):
        name, _, value = line.partition(":")
        headers.append([name.lower(), value.strip()])
    return method, target, headers


async def content(reader: asyncio.StreamReader, headers: list[list[str]]) -> bytes:
    fields = dict(headers)
    if fields.get("transfer-encoding") == "chunked":
        body = b""
        while size := int(await reader.readline(), 16):
            body += await reader.readexactly(size)
            await reader.readline()
        await reader.readline()
        return body
    return await reader.readexactly(int(fields.get("content-length", 0)))


def reply(
    writer: asyncio.StreamWriter, body: bytes, status: str = "200 OK", **headers: str
) -> None:
    fields = {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in fields.items())
    writer.write(f"HTTP/1.1 {status}\r\n{lines}Connection: close\r\n\r\n".encode() + body)


async def echo(request: dict, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(float(request["query"].get("seconds", 0)))
    reply(writer, json.dumps(request).encode())


async def events(request: dict, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send three events in chunks of their own, with time between them."""
    writer.write(
        b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    for number in range(3):
        event = f"data: {number}\n\n".encode()
        writer.write(f"{len(event):x}\r\n".encode() + event + b"\r\n")
        await writer.drain()
        await asyncio.sleep(float(request["query"].get("pause", 0.5)))
    writer.write(b"0\r\n\r\n")


async def websocket(
    request: dict, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Accept the upgrade, and send back all bytes that come."""
    key = dict(request["headers"]).get("sec-websocket-key", "") + WEBSOCKET_KEY
    accept = base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()
    writer.write(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Accept: {accept}\r\n\r\n".encode()
    )
    while received := await reader.read(4096):
        writer.write(received)
        await writer.drain()


async def page(request: dict, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    reply(writer, b"<p>Hello</p>" * 1000, Content_Type="text/html")


async def uncompressed(
    request: dict, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    reply(writer, b"secret" * 1000, Content_Type="text/html", Content_Encoding="identity")


async def decided(
    request: dict, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    own = {"X_Frame_Options": "DENY", "Referrer_Policy": "no-referrer", "X_Request_ID": "mine"}
    reply(writer, b"{}", X_Content_Type_Options="none", **own)


async def framed(request: dict, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    reply(writer, b"{}", Content_Security_Policy="frame-ancestors https://example.org")


async def broken(request: dict, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Say nothing and hang up."""


async def told(request: dict, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer with the headers that the address asks for: ``/told?Location=/x&Set-Cookie=a=1``."""
    reply(writer, b"{}", request["query"].pop("status", "302 Found"), **request["query"])


async def kept(request: dict, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer with the request and the count of requests, and with headers from the address.

    ``status``, ``size`` and ``seconds`` steer the answer; ``?size=0`` is an answer without a
    length.
    """
    COUNT.append(1)
    query = dict(request["query"])
    await asyncio.sleep(float(query.pop("seconds", 0)))
    status, size = query.pop("status", "200 OK"), query.pop("size", "")
    query.pop("key", "")
    if Path("/tmp/failing").exists():
        status = "500 Oh"
    body = json.dumps({**request, "count": len(COUNT)}).encode().ljust(int(size or 0))
    if size == "0":
        writer.write(b"HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nConnection: close\r\n\r\n")
        writer.write(body)
        return
    reply(writer, body, status, **query)


async def failing(
    request: dict, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    reply(writer, b'{"mine": true}', "503 Not Now")


COUNT: list[int] = []
ACTIONS = {
    "/events": events,
    "/websocket": websocket,
    "/page": page,
    "/uncompressed": uncompressed,
    "/decided": decided,
    "/framed": framed,
    "/broken": broken,
    "/failing": failing,
    "/told": told,
    "/kept": kept,
}

if __name__ == "__main__":
    asyncio.run(serve())
