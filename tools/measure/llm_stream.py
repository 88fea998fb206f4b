"""Measure how soon the answer of a language model is heard: `python -m tools.measure.llm_stream [--rounds N] [--json]`.

A server of its own hears answers of about 250 characters in two ways, twenty pieces a second:

    home assistant   as Home Assistant 2025.10 and later hand them on: the first 61 characters at once, then tokens
    tokens           token by token from the first on, as other clients may

The time runs from the moment the first clause is complete on the wire, its last mark sent, to the first samples. For
whoever sends tokens, the first clause is what ends at the first comma or full stop worth a pause; of Home Assistant's
first piece, it is what of it can be spoken. Nothing is kept or made in advance.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from wyoming.audio import AudioChunk
from wyoming.client import AsyncClient
from wyoming.tts import Synthesize, SynthesizeChunk, SynthesizeStart, SynthesizeStop, SynthesizeStopped

from tools.measure.household_server import STREAMED_CHARACTERS, received, serving
from wyoming_kokoro.bench.processes import ANSWER_TIMEOUT_SECONDS, interrupt_on_sigterm, isolate
from wyoming_kokoro.config import load
from wyoming_kokoro.errors import KokoroError, StartupError
from wyoming_kokoro.listing import table
from wyoming_kokoro.text.segments import Segmenter

SECONDS_A_PIECE = 1 / 20
ANSWERS = (
    (
        "Sure, I can help with that. The living room is at **21.5 °C** right now, and the bedroom is a little "
        "cooler at 19 °C. If you like, I can turn the heating up by one degree in both rooms, or set a schedule "
        "for the evening so that it is warm when you come home."
    ),
    (
        "The forecast for today is mostly sunny with a high of 24 °C and light winds from the west. In the "
        "evening, clouds move in, and there is a 30% chance of rain after 9 PM. I would take a jacket if you go "
        "out, and close the attic window before you leave."
    ),
    (
        "I turned off the kitchen light, the hall light and the desk lamp. The front door is locked, the garage "
        "door is closed, and the alarm is armed. The washing machine still needs about 25 minutes; I will let you "
        "know when it is done. Good night!"
    ),
    (
        "Here is a simple pancake recipe:\n\n1. **Mix** 2 cups of flour with 1/2 cup of sugar and a pinch of "
        "salt.\n2. Add 2 eggs and 1.5 cups of milk, then stir until smooth.\n3. Bake each pancake for 2-3 minutes "
        "on both sides, until it is golden. Enjoy! 🥞"
    ),
    (
        "Your next appointment is on Thursday, January 8th at 10:15 AM with Dr. Smith. After that, you have lunch "
        "with Anna at 12:30 PM, and the car has to be picked up before 6 PM. The drive to the garage takes about "
        "20 minutes at that time of day."
    ),
    (
        "Once upon a time there was a small fox who lived at the edge of a quiet forest. Every night, it crept "
        "out to look at the lights of the village; and every night, it wondered who might live there. One winter, "
        "it followed a trail of crumbs to find out."
    ),
)
_TOKEN = re.compile(r"\s*(?:\w{1,8}|[^\w\s])")


@dataclass(frozen=True, slots=True)
class Row:
    """How soon answers that come in one way are heard."""

    way: str
    times: int
    median_ms: float
    worst_ms: float
    over_150_ms: int


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="how often each answer is asked; default: 3")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args()
    try:
        with interrupt_on_sigterm():
            rows = measured(max(1, options.rounds))
    except KokoroError as error:
        sys.exit(f"llm_replay: {error}")
    if options.json:
        print(json.dumps([asdict(row) for row in rows], indent=2))
    else:
        heads = ["answers come", "times", "median, ms", "worst, ms", "over 150 ms"]
        cells = [
            [row.way, str(row.times), f"{row.median_ms:.0f}", f"{row.worst_ms:.0f}", str(row.over_150_ms)]
            for row in rows
        ]
        print(table(heads, cells))


def measured(rounds: int) -> list[Row]:
    """Have every answer spoken `rounds` times in each way, and once before. Raises `StartupError`."""
    ways: dict[str, Callable[[str], list[str]]] = {"home assistant": as_home_assistant, "tokens": tokens}
    waits: dict[str, list[float]] = {way: [] for way in ways}
    with serving(isolate(load(None, os.environ, {}))) as server:
        port = server.ready()
        asyncio.run(replayed(port, [ANSWERS[0]]))
        for _ in range(rounds):
            for answer in ANSWERS:
                for way, cut in ways.items():
                    waits[way].append(
                        asyncio.run(asyncio.wait_for(replayed(port, cut(answer)), ANSWER_TIMEOUT_SECONDS))
                    )
    return [row(way, found) for way, found in waits.items()]


def row(way: str, waits: Sequence[float]) -> Row:
    """Return the figures of `waits`, in seconds."""
    taken = [1000 * wait for wait in waits]
    return Row(way, len(taken), statistics.median(taken), max(taken), sum(wait > 150 for wait in taken))


def tokens(text: str) -> list[str]:
    """Return `text` in tokens like those of language models: words with the space before them, and marks."""
    found = _TOKEN.findall(text)
    return [*found, text[len("".join(found)) :]] if len("".join(found)) < len(text) else found


def as_home_assistant(text: str) -> list[str]:
    """Return the pieces that Home Assistant hands on: it waits for more than `STREAMED_CHARACTERS`."""
    pieces = tokens(text)
    begun = next(count for count in range(len(pieces) + 1) if len("".join(pieces[:count])) > STREAMED_CHARACTERS)
    return ["".join(pieces[:begun]), *pieces[begun:]]


def complete_in(pieces: Sequence[str]) -> int:
    """Return the index of the piece with the last mark of the first clause that may be spoken."""
    segmenter = Segmenter()
    segment = None
    for piece in pieces:
        segmenter.feed(piece)
        segment = segment or segmenter.take_clause()
    segmenter.finish()
    segment = segment or segmenter.take()
    assert segment
    letters = len("".join(segment.text.split()))
    sent = 0
    for index, piece in enumerate(pieces):
        sent += len("".join(piece.split()))
        if sent >= letters:
            return index
    return len(pieces) - 1


async def replayed(port: int, pieces: Sequence[str]) -> float:
    """Ask on a connection of its own; return the seconds from the complete clause to the first samples.

    Raises `StartupError`.
    """
    async with AsyncClient.from_uri(f"tcp://127.0.0.1:{port}") as client:
        await client.write_event(SynthesizeStart().event())
        telling = asyncio.create_task(tell(client, pieces))
        first = None
        while not SynthesizeStopped.is_type((event := await received(client)).type):
            if first is None and AudioChunk.is_type(event.type) and event.payload:
                first = time.perf_counter()
        complete = await telling
    if first is None:
        raise StartupError("an answer has no sound; see the log")
    return first - complete


async def tell(client: AsyncClient, pieces: Sequence[str]) -> float:
    """Send the pieces as they are made, and the end; return the moment at which the first clause was complete."""
    last = complete_in(pieces)
    complete = begun = time.perf_counter()
    for index, piece in enumerate(pieces):
        await asyncio.sleep(begun + index * SECONDS_A_PIECE - time.perf_counter())
        await client.write_event(SynthesizeChunk(piece).event())
        if index == last:
            complete = time.perf_counter()
    await client.write_event(Synthesize("".join(pieces)).event())
    await client.write_event(SynthesizeStop().event())
    return complete


if __name__ == "__main__":
    main()
