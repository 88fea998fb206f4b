"""A program that browses for Wyoming servers as Home Assistant does, and tells what it finds."""

from __future__ import annotations

import asyncio
import json
import signal
import sys

from zeroconf import IPVersion, ServiceStateChange, Zeroconf
from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf

SERVICE_TYPE = "_wyoming._tcp.local."


def print_json(**facts: object) -> None:
    print(json.dumps(facts), flush=True)  # noqa: T201


async def main(*sources: str) -> None:
    changes: asyncio.Queue[tuple[str, str]] = asyncio.Queue()

    def changed(zeroconf: Zeroconf, service_type: str, name: str, state_change: ServiceStateChange) -> None:
        changes.put_nowait((name, state_change.name))

    async with AsyncZeroconf(interfaces=list(sources)) as zeroconf:
        browser = AsyncServiceBrowser(zeroconf.zeroconf, SERVICE_TYPE, handlers=[changed])
        print_json(listening=True)
        task = asyncio.current_task()
        assert task
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        try:
            await follow(zeroconf, changes)
        except asyncio.CancelledError:
            await browser.async_cancel()


async def follow(zeroconf: AsyncZeroconf, changes: asyncio.Queue[tuple[str, str]]) -> None:
    """Tell every change, and once a second what is known: that an address is gone is no change."""
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
    facts: dict[str, object] = {"change": change, "name": name.removesuffix(f".{SERVICE_TYPE}")}
    if change != "Removed":
        info = AsyncServiceInfo(SERVICE_TYPE, name)
        await info.async_request(zeroconf.zeroconf, 10_000)
        addresses = [str(address) for address in info.ip_addresses_by_version(IPVersion.All)]
        facts |= {"addresses": addresses, "port": info.port, "texts": info.decoded_properties}
    print_json(**facts)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
