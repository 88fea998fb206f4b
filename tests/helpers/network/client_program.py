"""A program that requests a text from the server at an address.

It prints the number of received bytes after each chunk, and finally the type of the last event.
"""

from __future__ import annotations

import asyncio
import json
import sys

from wyoming.audio import AudioChunk
from wyoming.client import AsyncTcpClient
from wyoming.tts import Synthesize


def print_json(**items: object) -> None:
    print(json.dumps(items), flush=True)  # noqa: T201


async def main(host: str, text: str) -> None:
    received = 0
    async with AsyncTcpClient(host, 10200) as client:
        await client.write_event(Synthesize(text).event())
        while (event := await client.read_event()) and event.type not in ("audio-stop", "error"):
            if AudioChunk.is_type(event.type):
                received += len(event.payload or b"")
                print_json(received=received)
    print_json(end=event.type if event else "connection closed", received=received)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
