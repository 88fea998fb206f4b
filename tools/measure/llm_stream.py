"""Measure the TTFA of streamed answers of a language model.

    python -m tools.measure.llm_stream [--rounds N] [--json]

A server receives answers of about 250 characters, 20 chunks per second, in two ways:

    home assistant   the first 61 characters at once and then tokens, as Home Assistant 2025.10 and later send them
    tokens           only tokens, as other clients may send them

The TTFA counts from the moment when the first clause is complete: its last character has been sent. For `tokens`, the
first clause ends at the first comma or full stop that makes a pause. For `home assistant`, it is the part of the first
chunk that can be spoken. There is no phrase cache.
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

from tools.measure.household_server import STREAMED_CHARACTERS, read_answer, serving
from wyoming_kokoro.bench.processes import ANSWER_TIMEOUT_SECONDS, interrupt_on_sigterm, isolate
from wyoming_kokoro.config import load_config
from wyoming_kokoro.errors import KokoroError, StartupError
from wyoming_kokoro.terminal import format_table
from wyoming_kokoro.text.segmenter import Segmenter

CHUNK_SECONDS = 1 / 20
SLOW_MS = 150
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
TOKEN = re.compile(r"\s*(?:\w{1,8}|[^\w\s])")


@dataclass(frozen=True, slots=True)
class StreamTtfa:
    """The TTFA of answers that are streamed in one way."""

    way: str
    answers: int
    median_ms: float
    worst_ms: float
    over_150_ms: int


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="requests per answer and way; default: 3")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args()
    try:
        with interrupt_on_sigterm():
            results = measure_ways(max(1, options.rounds))
    except KokoroError as error:
        sys.exit(f"llm_stream: {error}")
    if options.json:
        print(json.dumps([asdict(result) for result in results], indent=2))
    else:
        heads = ["streamed as", "answers", "median TTFA, ms", "worst, ms", f"over {SLOW_MS} ms"]
        rows = [
            [
                result.way,
                str(result.answers),
                f"{result.median_ms:.0f}",
                f"{result.worst_ms:.0f}",
                str(result.over_150_ms),
            ]
            for result in results
        ]
        print(format_table(heads, rows))


def measure_ways(rounds: int) -> list[StreamTtfa]:
    """Stream every answer `rounds` times in each way, after one for warm-up. Raises `StartupError`."""
    ways: dict[str, Callable[[str], list[str]]] = {"home assistant": split_like_home_assistant, "tokens": split_tokens}
    times: dict[str, list[float]] = {way: [] for way in ways}
    with serving(isolate(load_config(None, os.environ, {}))) as server:
        port = server.ready()
        asyncio.run(stream_answer(port, [ANSWERS[0]]))
        for _ in range(rounds):
            for answer in ANSWERS:
                for way, split in ways.items():
                    times[way].append(1000 * asyncio.run(stream_answer(port, split(answer))))
    return [
        StreamTtfa(way, len(ttfa), statistics.median(ttfa), max(ttfa), sum(each > SLOW_MS for each in ttfa))
        for way, ttfa in times.items()
    ]


def split_tokens(text: str) -> list[str]:
    """Return `text` in tokens like those of language models: words with the space before them, and punctuation."""
    tokens = TOKEN.findall(text)
    rest = text[len("".join(tokens)) :]
    return [*tokens, rest] if rest else tokens


def split_like_home_assistant(text: str) -> list[str]:
    """Return the chunks of Home Assistant, which waits for more than `STREAMED_CHARACTERS` and sends tokens then."""
    tokens = split_tokens(text)
    count = next(count for count in range(len(tokens) + 1) if len("".join(tokens[:count])) > STREAMED_CHARACTERS)
    return ["".join(tokens[:count]), *tokens[count:]]


def find_end_of_clause(chunks: Sequence[str]) -> int:
    """Return the index of the chunk with the last character of the first clause that can be spoken."""
    segmenter = Segmenter()
    segment = None
    for chunk in chunks:
        segmenter.feed(chunk)
        segment = segment or segmenter.take_early()
    segmenter.finish()
    segment = segment or segmenter.take_sentence()
    assert segment
    # The segment may have other spaces than the chunks, so only the other characters are counted.
    remaining = len("".join(segment.text.split()))
    for index, chunk in enumerate(chunks):
        remaining -= len("".join(chunk.split()))
        if remaining <= 0:
            return index
    return len(chunks) - 1


async def stream_answer(port: int, chunks: Sequence[str]) -> float:
    """Stream an answer on a new connection, and return the seconds from the complete clause to the first audio.

    Raises `StartupError`.
    """
    return await asyncio.wait_for(_stream(port, chunks), ANSWER_TIMEOUT_SECONDS)


async def _stream(port: int, chunks: Sequence[str]) -> float:
    async with AsyncClient.from_uri(f"tcp://127.0.0.1:{port}") as client:
        await client.write_event(SynthesizeStart().event())
        sending = asyncio.create_task(_send_chunks(client, chunks))
        first_audio = None
        while not SynthesizeStopped.is_type((event := await read_answer(client)).type):
            if first_audio is None and AudioChunk.is_type(event.type) and event.payload:
                first_audio = time.perf_counter()
        clause_sent = await sending
    if first_audio is None:
        raise StartupError("an answer has no audio; see the server's log")
    return first_audio - clause_sent


async def _send_chunks(client: AsyncClient, chunks: Sequence[str]) -> float:
    """Send the chunks at their times, and the end. Return the moment when the first clause was complete."""
    last = find_end_of_clause(chunks)
    clause_sent = started = time.perf_counter()
    for index, chunk in enumerate(chunks):
        await asyncio.sleep(started + index * CHUNK_SECONDS - time.perf_counter())
        await client.write_event(SynthesizeChunk(chunk).event())
        if index == last:
            clause_sent = time.perf_counter()
    await client.write_event(Synthesize("".join(chunks)).event())
    await client.write_event(SynthesizeStop().event())
    return clause_sent


if __name__ == "__main__":
    main()
