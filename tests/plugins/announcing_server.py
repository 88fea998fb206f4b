"""A program that listens, announces itself by the plugin until SIGTERM, and tells what is left then."""

from __future__ import annotations

import asyncio
import json
import logging
import signal
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import cast

from wyoming_kokoro import PluginContext, Server
from wyoming_kokoro.server.endpoints import TcpEndpoint, addresses_of, parse, tcp_sockets
from wyoming_kokoro_zeroconf import Announcement


class Printing(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        tell(level=record.levelname, log=record.getMessage(), logger=record.name)


def tell(**facts: object) -> None:
    print(json.dumps(facts), flush=True)  # noqa: T201


def open_sockets() -> int:
    return sum(file.is_socket() for file in Path("/proc/self/fd").iterdir())


async def main(state: str, uri: str, table: str) -> None:
    endpoint = parse(uri)
    assert isinstance(endpoint, TcpEndpoint)
    listening = tcp_sockets(endpoint)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    context = PluginContext("zeroconf", Path(state), Path(state), logging.getLogger("plugin"), json.loads(table))
    server = cast(Server, SimpleNamespace(addresses=addresses_of(listening)))
    before = open_sockets()
    async with AsyncExitStack() as services:
        for service in Announcement(context, poll_seconds=0.3).kokoro_services(server):
            await services.enter_async_context(service)
        tell(entered=True)
        await stop.wait()
    await asyncio.sleep(0.1)  # transports close their sockets a turn of the loop later
    tell(left_tasks=len(asyncio.all_tasks()) - 1, left_sockets=open_sockets() - before)
    for sock in listening:
        sock.close()


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, handlers=[Printing()])
    asyncio.run(main(*sys.argv[1:]))
