"""Stands before a service that speaks only TCP: listens on a unix socket and passes bytes on.

Runs as the only process of a container beside each replica of such a service, so that links and
draining work for it as for all others. Told to stop, it takes no new connection and ends when the
last one has ended. The service's address is looked up for each connection: a restarted container
may have another. A busy name server may owe an answer for a moment, and is asked again: nothing
has been sent to the service by then.
"""

import asyncio
import contextlib
import signal
import socket
import sys
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

CHUNK = 64 * 1024
BACKLOG = 2048
# Each lookup is a thread's, and the container's processes and threads are limited.
LOOKUPS = 4
PAUSES = (0.05, 0.2, 0.5, 1.0)


async def relay(path: str, host: str, port: int) -> None:
    """Relay until told to stop, then until the last connection has ended."""
    open_connections: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(connect(reader, writer, host, port))
        open_connections.add(task)
        task.add_done_callback(open_connections.discard)

    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stopping.set)
    loop.set_default_executor(ThreadPoolExecutor(LOOKUPS))
    Path(path).unlink(missing_ok=True)
    server = await asyncio.start_unix_server(accept, path, backlog=BACKLOG)
    Path(path).chmod(0o777)
    await stopping.wait()
    server.close()
    while open_connections:
        await asyncio.wait(open_connections)


async def connect(
    client: asyncio.StreamReader, to_client: asyncio.StreamWriter, host: str, port: int
) -> None:
    """Join a connection with a new one to the service; without a service it just ends."""
    async with closing(to_client):
        try:
            service, to_service = await reach(host, port)
        except OSError as error:
            print(f"no connection to {host} port {port}: {error}", file=sys.stderr, flush=True)
            return
        async with closing(to_service):
            await asyncio.gather(pump(client, to_service), pump(service, to_client))


async def reach(host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Connect to the service; its name is looked up again after pauses."""
    for pause in PAUSES:
        try:
            return await asyncio.open_connection(host, port)
        except socket.gaierror:
            await asyncio.sleep(pause)
    return await asyncio.open_connection(host, port)


@contextlib.asynccontextmanager
async def closing(writer: asyncio.StreamWriter) -> AsyncIterator[None]:
    """Close a connection when all that was written to it has left."""
    try:
        yield
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def pump(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    """Pass bytes on as fast as they are taken; the end of one side is the end of the other.

    A broken way ends alone: an answer may still come from a service that refuses to read on.
    """
    with contextlib.suppress(OSError):
        while data := await source.read(CHUNK):
            target.write(data)
            await target.drain()
        target.write_eof()


if __name__ == "__main__":
    asyncio.run(relay(sys.argv[1], sys.argv[2], int(sys.argv[3])))
