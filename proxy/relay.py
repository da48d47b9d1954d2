"""Stands before a service that speaks only TCP: listens on a unix socket and passes bytes on.

Runs as the only process of a container beside each replica of such a service, so that links and
draining work for it as for all others. Told to stop, it takes no new connection and ends when the
last one has ended. The service's address is looked up for each connection: a restarted container
may have another.
"""

import asyncio
import contextlib
import signal
import sys
from pathlib import Path

CHUNK = 64 * 1024
BACKLOG = 2048


async def relay(path: str, host: str, port: int) -> None:
    """Relay until told to stop, then until the last connection has ended."""
    open_connections: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(connect(reader, writer, host, port))
        open_connections.add(task)
        task.add_done_callback(open_connections.discard)

    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
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
    with contextlib.closing(to_client), contextlib.suppress(OSError):
        service, to_service = await asyncio.open_connection(host, port)
        with contextlib.closing(to_service):
            await asyncio.gather(pump(client, to_service), pump(service, to_client))


async def pump(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    """Pass bytes on as fast as they are taken; the end of one side is the end of the other."""
    while data := await source.read(CHUNK):
        target.write(data)
        await target.drain()
    target.write_eof()


if __name__ == "__main__":
    asyncio.run(relay(sys.argv[1], sys.argv[2], int(sys.argv[3])))
