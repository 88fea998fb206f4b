from __future__ import annotations

import asyncio

import psutil

from wyoming_kokoro_zeroconf.addresses import ServiceAnnouncement
from wyoming_kokoro_zeroconf.instance_name import NumberedName
from wyoming_kokoro_zeroconf.responder import Responder


def mdns_sockets() -> int:
    return [connection.laddr.port for connection in psutil.Process().net_connections("udp")].count(5353)


async def test_sockets_are_closed_when_the_start_is_cancelled() -> None:
    before = mdns_sockets()

    async def announce() -> None:
        responder = Responder([("127.0.0.1", 1)], 10200)
        try:
            await responder.register(NumberedName("Loft"), ServiceAnnouncement(("127.0.0.1",)))
        finally:
            await responder.close()

    task = asyncio.create_task(announce())
    # In this step the responder opens its sockets and waits for their transports.
    await asyncio.sleep(0)
    assert mdns_sockets() > before
    task.cancel()
    await asyncio.wait({task})
    assert task.cancelled()
    assert mdns_sockets() == before
