"""Stands before a service that speaks only TCP: listens on a unix socket and passes bytes on.

Runs as the only process of a container beside each replica of such a service, so that links and
draining work for it as for all others. Told to stop, it takes no new connection and ends when the
last one has ended.

It listens only while the service can be reached: where nobody listens, nginx turns to another
replica, or says that there is none, since nothing was sent. What it took before it knew waits for
the service to come back. The service's address is looked up for each connection: a restarted
container may have another, and a busy name server may owe an answer for a moment.
"""

import asyncio
import contextlib
import signal
import sys
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

Accept = Callable[[asyncio.StreamReader, asyncio.StreamWriter], None]

CHUNK = 64 * 1024
BACKLOG = 2048
# Each lookup is a thread's, and the container's processes and threads are limited.
LOOKUPS = 4
PAUSES = (0.05, 0.2, 0.5, 1.0, 1.0, 1.0)
# After so many pauses a service counts as lost, and nobody new is let in.
PATIENCE = 2
PROBE = 0.1
LONGEST_PROBE = 2.0


async def relay(path: str, host: str, port: int) -> None:
    """Relay until told to stop, then until the last connection has ended."""
    open_connections: set[asyncio.Task[None]] = set()
    stopping, lost = asyncio.Event(), asyncio.Event()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(connect(reader, writer, host, port, lost))
        open_connections.add(task)
        task.add_done_callback(open_connections.discard)

    def stop() -> None:
        stopping.set()
        lost.set()

    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop)
    loop.set_default_executor(ThreadPoolExecutor(LOOKUPS))
    Path(path).unlink(missing_ok=True)
    while not stopping.is_set():
        lost.clear()
        if await reachable(host, port):
            await listen(path, accept, lost)
        else:
            await asyncio.sleep(PROBE)
    while open_connections:
        await asyncio.wait(open_connections)


async def reachable(host: str, port: int) -> bool:
    """Whether the service takes connections."""
    try:
        _, writer = await asyncio.wait_for(asyncio.open_connection(host, port), LONGEST_PROBE)
    except (OSError, asyncio.TimeoutError):
        return False
    writer.close()
    return True


async def listen(path: str, accept: Accept, lost: asyncio.Event) -> None:
    """Accept until the service is lost; who waits in the queue by then is accepted too."""
    server = await asyncio.start_unix_server(accept, path, backlog=BACKLOG)
    Path(path).chmod(0o777)
    await lost.wait()
    Path(path).unlink(missing_ok=True)
    await asyncio.sleep(PROBE)
    server.close()


async def connect(
    client: asyncio.StreamReader,
    to_client: asyncio.StreamWriter,
    host: str,
    port: int,
    lost: asyncio.Event,
) -> None:
    """Join a connection with a new one to the service; without a service it just ends."""
    async with closing(to_client):
        try:
            service, to_service = await reach(host, port, lost)
        except OSError as error:
            print(f"no connection to {host} port {port}: {error}", file=sys.stderr, flush=True)
            return
        async with closing(to_service):
            await asyncio.gather(pump(client, to_service), pump(service, to_client))


async def reach(
    host: str, port: int, lost: asyncio.Event
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Connect to the service; one that is away is tried again after pauses, and told."""
    for number, pause in enumerate(PAUSES):
        try:
            return await asyncio.open_connection(host, port)
        except OSError:
            if number == PATIENCE:
                lost.set()
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

    A broken way ends alone: an answer may still come from a service that refuses to read on. Who
    is gone has ended, too: a service would wait for ever for more.
    """
    with contextlib.suppress(OSError):
        try:
            while data := await source.read(CHUNK):
                target.write(data)
                await target.drain()
        finally:
            target.write_eof()


if __name__ == "__main__":
    asyncio.run(relay(sys.argv[1], sys.argv[2], int(sys.argv[3])))
