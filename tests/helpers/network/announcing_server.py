"""A program that listens and announces itself with the zeroconf plugin until SIGTERM.

It prints each log record, and finally the numbers of tasks and sockets that are left.
"""

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
from wyoming_kokoro.server.endpoints import TcpEndpoint, addresses_of, bind_tcp, parse_advertised, parse_endpoint
from wyoming_kokoro_zeroconf import ZeroconfPlugin


class JsonLogHandler(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        print_json(level=record.levelname, log=record.getMessage(), logger=record.name)


def print_json(**items: object) -> None:
    print(json.dumps(items), flush=True)  # noqa: T201


def open_sockets() -> int:
    return sum(file.is_socket() for file in Path("/proc/self/fd").iterdir())


async def main(state: str, uri: str, settings: str, advertise: str = "own") -> None:
    # asyncio's debug mode warns about slow steps. On a loaded machine, they are no fault of the plugin.
    asyncio.get_running_loop().slow_callback_duration = 60.0
    endpoint = parse_endpoint(uri)
    assert isinstance(endpoint, TcpEndpoint)
    listening = bind_tcp(endpoint)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    context = PluginContext("zeroconf", Path(state), Path(state), logging.getLogger("plugin"), json.loads(settings))
    server = cast(Server, SimpleNamespace(addresses=addresses_of(listening), advertised=parse_advertised(advertise)))
    before = open_sockets()
    async with AsyncExitStack() as services:
        for service in ZeroconfPlugin(context, poll_seconds=0.3).kokoro_services(server):
            await services.enter_async_context(service)
        print_json(entered=True)
        await stop.wait()
    # A transport closes its socket one step of the event loop later.
    await asyncio.sleep(0.1)
    print_json(left_tasks=len(asyncio.all_tasks()) - 1, left_sockets=open_sockets() - before)
    for sock in listening:
        sock.close()


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, handlers=[JsonLogHandler()])
    asyncio.run(main(*sys.argv[1:]))
