"""A program that has a text said by the server at an address, and tells when the sound begins and what came of it."""

from __future__ import annotations

import asyncio
import json
import sys

from wyoming.audio import AudioChunk
from wyoming.client import AsyncTcpClient
from wyoming.tts import Synthesize


def tell(**facts: object) -> None:
    print(json.dumps(facts), flush=True)  # noqa: T201


async def main(host: str, text: str) -> None:
    heard = 0
    async with AsyncTcpClient(host, 10200) as client:
        await client.write_event(Synthesize(text).event())
        while (event := await client.read_event()) and event.type not in ("audio-stop", "error"):
            if AudioChunk.is_type(event.type):
                heard += len(event.payload or b"")
                tell(heard=heard)
    tell(end=event.type if event else "hung up", heard=heard)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
