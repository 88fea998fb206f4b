"""Send more requests at once than the server can speak in real time, and requests beside clients that hold up others.

    python -m tools.load.overload [--clients N] [--rounds N]

Only the full model speaks, without a phrase cache. Of each round, all requests must play without a gap, or be refused
at once. Then short requests are sent alone, beside a stream that pauses, beside a client that never reads its audio,
and beside three streams of 14 kB, of other clients and of the same one. `taskset -c 0` before the command measures one
CPU. Prints one line of JSON; the exit code is 1 if a condition is not met.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import socket
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory

from wyoming.event import async_write_event
from wyoming.tts import Synthesize, SynthesizeChunk, SynthesizeStart

from tools.load.server_process import isolate
from tools.load.speech_client import (
    MAX_GAP_SECONDS,
    OVERLOADED,
    SPOKEN,
    SpeechAnswer,
    request_speech,
    split_randomly,
)
from tools.measure.household_server import serving
from wyoming_kokoro.config import Config

MAX_REFUSAL_SECONDS = 0.2
# About six seconds. Every sentence and every beginning differs, because equal speech is synthesized only once.
TEXT = "Number {0}: the washing machine has finished, and the garage door has been open for {0} minutes now."
SHORT_TEXT = "Turned on {0} lights."
# A client that does not read is noticed when the buffers of its connection are full, after some seconds of audio.
PAUSE_SECONDS = 15.0
SHORT_REQUESTS = 5
LONG_STREAMS = 3
LONG_TEXT_CHARACTERS = 14_000
LONG_STREAM_SECONDS = 5.0


def main() -> int:
    """Run the rounds, print the report and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, default=8, metavar="N", help="requests at once; default: 8")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="default: 3")
    parser.add_argument(
        "--pause", type=float, default=PAUSE_SECONDS, metavar="SECONDS", help="of a held up stream; default: 15"
    )
    options = parser.parse_args()
    with TemporaryDirectory() as folder:
        config = isolate(Config(), Path(folder) / "server", disabled=["phrase_cache"])
        with serving(replace(config, voice=replace(config.voice, quality="full"))) as server:
            port = server.ready()
            asyncio.run(request_speech(port, TEXT.format("zero")))
            time.sleep(1)
            rounds = [asyncio.run(request_all(port, options.clients, number)) for number in range(options.rounds)]
            beside = asyncio.run(request_beside(port, options.pause))
    report = {**summarize(rounds), "short_ttfa_seconds": beside}
    print(json.dumps(report))
    return 0 if report["passed"] else 1


async def request_beside(port: int, pause_seconds: float) -> dict[str, list[float]]:
    """Return the TTFA of short requests, alone and beside clients that hold up others."""
    alone = await request_short(port, 0)
    async with open_stream(port) as writer:
        await async_write_event(SynthesizeStart().event(), writer)
        await async_write_event(SynthesizeChunk("This is the first sentence of an answer. And").event(), writer)
        await asyncio.sleep(pause_seconds)
        paused = await request_short(port, 1)
    async with open_stream(port) as writer:
        await async_write_event(Synthesize(" ".join(TEXT.format(number) for number in range(200))).event(), writer)
        await asyncio.sleep(pause_seconds)
        unread = await request_short(port, 2)
    others = await request_beside_long(port, 3, ["127.0.0.2", "127.0.0.3", "127.0.0.4"])
    own = await request_beside_long(port, 4, ["127.0.0.1"] * LONG_STREAMS)
    return {
        "alone": alone,
        "beside a paused stream": paused,
        "beside a client that does not read": unread,
        "beside three long streams of others": others,
        "beside three long streams of the same client": own,
    }


async def request_beside_long(port: int, group: int, addresses: list[str]) -> list[float]:
    """Return the TTFA of short requests beside a stream of 14 kB from each address."""
    streams = [asyncio.create_task(read_long_stream(port, address, n)) for n, address in enumerate(addresses)]
    await asyncio.sleep(LONG_STREAM_SECONDS)
    try:
        return await request_short(port, group)
    finally:
        for stream in streams:
            stream.cancel()
        await asyncio.wait(streams)


async def read_long_stream(port: int, address: str, number: int) -> None:
    """Send a long text as a stream that does not end, and read its audio as fast as it comes."""
    text = " ".join(TEXT.format(f"{number} {line}") for line in range(LONG_TEXT_CHARACTERS))[:LONG_TEXT_CHARACTERS]
    reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(address, 0))
    try:
        await async_write_event(SynthesizeStart().event(), writer)
        for chunk in split_randomly(text, Random(number)):
            await async_write_event(SynthesizeChunk(chunk).event(), writer)
        while await reader.read(65536):
            pass
    finally:
        writer.close()


async def request_short(port: int, group: int) -> list[float]:
    """Return the TTFA of some short requests, one after the other."""
    answers = [await request_speech(port, SHORT_TEXT.format(f"{group}{number}")) for number in range(SHORT_REQUESTS)]
    return [round(answer.ttfa or float("inf"), 3) for answer in answers]


@asynccontextmanager
async def open_stream(port: int) -> AsyncIterator[asyncio.StreamWriter]:
    """Open a connection with small buffers that reads nothing."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.connect(("127.0.0.1", port))
    _, writer = await asyncio.open_connection(sock=connection, limit=4096)
    try:
        yield writer
    finally:
        writer.close()


async def request_all(port: int, clients: int, number: int) -> list[SpeechAnswer]:
    """Send a different request for each client at the same moment, and return the answers."""
    texts = [TEXT.format(f"{number} {client}") for client in range(clients)]
    return await asyncio.gather(*(request_speech(port, text, chunks=[text]) for text in texts))


def summarize(rounds: list[list[SpeechAnswer]]) -> dict[str, object]:
    """Return the report."""
    answers = [answer for answers in rounds for answer in answers]
    spoken = [answer for answer in answers if answer.outcome == SPOKEN]
    refusal_seconds = [answer.end for answer in answers if answer.outcome == OVERLOADED]
    spoken_per_round = [sum(answer.outcome == SPOKEN for answer in answers) for answers in rounds]
    max_gap = max((answer.gap_seconds for answer in spoken), default=0.0)
    max_refusal = max(refusal_seconds, default=0.0)
    others = sorted({answer.outcome for answer in answers} - {SPOKEN, OVERLOADED})
    return {
        "passed": (
            not others and all(spoken_per_round) and max_gap <= MAX_GAP_SECONDS and max_refusal <= MAX_REFUSAL_SECONDS
        ),
        "spoken_per_round": spoken_per_round,
        "max_gap_seconds": round(max_gap, 3),
        "ttfa_seconds": [round(answer.ttfa or 0, 3) for answer in spoken],
        "refused": len(refusal_seconds),
        "max_refusal_seconds": round(max_refusal, 4),
        "median_refusal_seconds": round(median(refusal_seconds), 4) if refusal_seconds else None,
        "other_outcomes": others,
    }


if __name__ == "__main__":
    sys.exit(main())
