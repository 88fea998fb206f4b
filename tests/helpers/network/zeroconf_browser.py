"""A program that discovers Wyoming servers as Home Assistant does, and prints what it finds until SIGTERM."""

from __future__ import annotations

import asyncio
import json
import signal
import sys

from zeroconf import IPVersion, ServiceStateChange, Zeroconf
from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf

SERVICE_TYPE = "_wyoming._tcp.local."
LOOKUP_MILLISECONDS = 10_000


def print_json(**items: object) -> None:
    print(json.dumps(items), flush=True)  # noqa: T201


async def main(*sources: str) -> None:
    changes: asyncio.Queue[tuple[str, str]] = asyncio.Queue()

    def on_change(zeroconf: Zeroconf, service_type: str, name: str, state_change: ServiceStateChange) -> None:
        changes.put_nowait((name, state_change.name))

    async with AsyncZeroconf(interfaces=list(sources)) as zeroconf:
        browser = AsyncServiceBrowser(zeroconf.zeroconf, SERVICE_TYPE, handlers=[on_change])
        print_json(listening=True)
        task = asyncio.current_task()
        assert task
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        try:
            await follow(zeroconf, changes)
        except asyncio.CancelledError:
            await browser.async_cancel()


async def follow(zeroconf: AsyncZeroconf, changes: asyncio.Queue[tuple[str, str]]) -> None:
    """Print each change, and once a second all known servers: a removed address is not a change."""
    known: set[str] = set()
    while True:
        try:
            name, change = await asyncio.wait_for(changes.get(), 1)
        except asyncio.TimeoutError:
            for name in known:
                await describe(zeroconf, name, "Known")
            continue
        known = known - {name} if change == "Removed" else known | {name}
        await describe(zeroconf, name, change)


async def describe(zeroconf: AsyncZeroconf, name: str, change: str) -> None:
    items: dict[str, object] = {"change": change, "name": name.removesuffix(f".{SERVICE_TYPE}")}
    if change != "Removed":
        info = AsyncServiceInfo(SERVICE_TYPE, name)
        await info.async_request(zeroconf.zeroconf, LOOKUP_MILLISECONDS)
        addresses = [str(address) for address in info.ip_addresses_by_version(IPVersion.All)]
        items |= {"addresses": addresses, "port": info.port, "texts": info.decoded_properties}
    print_json(**items)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
