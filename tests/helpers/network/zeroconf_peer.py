"""A program that announces a Wyoming server of a given name, address and port until SIGTERM."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from contextlib import AsyncExitStack

from zeroconf.asyncio import AsyncServiceInfo, AsyncZeroconf

SERVICE_TYPE = "_wyoming._tcp.local."


async def main(source: str, name: str, address: str, port: str, idle_responders: str = "0") -> None:
    """Announce the server. `idle_responders` more responders share port 5353 and announce nothing."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    service = AsyncServiceInfo(
        SERVICE_TYPE,
        f"{name}.{SERVICE_TYPE}",
        port=int(port),
        server="peer.local.",
        parsed_addresses=[address],
    )
    async with AsyncExitStack() as stack:
        zeroconf, *_ = [
            await stack.enter_async_context(AsyncZeroconf(interfaces=[source])) for _ in range(1 + int(idle_responders))
        ]
        await (await zeroconf.async_register_service(service))
        print(json.dumps({"announced": True}), flush=True)  # noqa: T201
        await stop.wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
