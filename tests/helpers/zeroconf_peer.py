"""A program that announces a Wyoming server of a given name, address and port until SIGTERM."""

from __future__ import annotations

import asyncio
import json
import signal
import sys

from zeroconf.asyncio import AsyncServiceInfo, AsyncZeroconf

SERVICE_TYPE = "_wyoming._tcp.local."


async def main(origin: str, name: str, address: str, port: str) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    service = AsyncServiceInfo(
        SERVICE_TYPE,
        f"{name}.{SERVICE_TYPE}",
        port=int(port),
        server="stranger.local.",
        parsed_addresses=[address],
    )
    async with AsyncZeroconf(interfaces=[origin]) as zeroconf:
        await (await zeroconf.async_register_service(service))
        print(json.dumps({"announced": True}), flush=True)  # noqa: T201
        await stop.wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
