"""Measure how soon a server speaks: from its cache, from its start on, and while it warms up.

    python -m tools.measure.time_to_first_audio [cached] [start] [warmup] [disk] [--json]

`cached`  a phrase that is kept, asked for over TCP again and again, with a connection each time
`start`   from the start of the process to an answered `describe`, to a kept and to a new phrase
`warmup`  new phrases while warming up works at full speed, and each of them also while nothing else is done
`disk`    what a second of kept speech takes

Without a name, all of them. The servers are ours, with fresh caches but a model that is prepared already.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import math
import os
import random
import signal
import socket
import statistics
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from wyoming.audio import AudioChunk, AudioStop
from wyoming.client import AsyncClient
from wyoming.info import Describe, Info
from wyoming.tts import Synthesize

from tools.measure.household_server import Server, cache_stats, household, received, serving, unwarmed
from tools.measure.household_texts import ANNOUNCEMENTS
from wyoming_kokoro.backend import open_backend
from wyoming_kokoro.bench.processes import ANSWER_TIMEOUT_SECONDS, interrupt_on_sigterm
from wyoming_kokoro.config import Config, ServerConfig, load
from wyoming_kokoro.errors import KokoroError, StartupError
from wyoming_kokoro.listing import table
from wyoming_kokoro.phrases import CacheStats, Phrase
from wyoming_kokoro.plugins import Plugins
from wyoming_kokoro.types import SAMPLE_RATE

PARTS = ("cached", "start", "warmup", "disk")
KEPT = "Turned on the lights."
NOUNS = "book, coat, lamp, ring, spoon, phone, scarf, glove, plate, knife"
PLACES = "chair, shelf, stairs, roof, couch, desk, floor, bench, bed, stove"
CONNECT_SECONDS = 0.002
"""Between two attempts to reach a server that starts."""
LOOK_SECONDS = 0.25
WORK_SECONDS = 150.0
"""How long warming up may rest: a minute, when other programs are at work."""
MOMENTS_SECONDS = 1.0
"""A request comes at any moment of so long."""


@dataclass(frozen=True, slots=True)
class Row:
    """How long something took."""

    what: str
    times: int
    median_ms: float
    p99_ms: float
    worst_ms: float


def main() -> None:
    """Print the table."""
    options = parsed()
    try:
        with interrupt_on_sigterm(), TemporaryDirectory() as folder:
            rows, disk = measured(load(None, os.environ, {}), Path(folder), options)
    except KokoroError as error:
        sys.exit(f"first_sound: {error}")
    print(as_json(rows, disk) if options.json else page(rows, disk))


def parsed() -> argparse.Namespace:
    """Return the options."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"some of {', '.join(PARTS)}; default: all")
    parser.add_argument("--requests", type=int, default=1000, metavar="N", help="for a kept phrase; default: 1000")
    parser.add_argument("--starts", type=int, default=5, metavar="N", help="of each kind; default: 5")
    parser.add_argument("--rounds", type=int, default=20, metavar="N", help="new phrases of `warmup`; default: 20")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args()
    options.parts = options.parts or PARTS
    if not set(options.parts) <= set(PARTS) or min(options.requests, options.starts, options.rounds) < 1:
        parser.error(f"the parts are {', '.join(PARTS)}, and each is measured at least once")
    return options


def measured(config: Config, folder: Path, options: argparse.Namespace) -> tuple[list[Row], CacheStats | None]:
    """Measure the parts that were chosen. Raises `StartupError`."""
    quiet, busy = unwarmed(household(config, folder / "quiet", 0)), household(config, folder / "busy", 0)
    asyncio.run(keep(quiet, [KEPT, *ANNOUNCEMENTS]))
    texts = unsaid()
    rows = []
    if "cached" in options.parts:
        rows += cached(quiet, options.requests)
    if "start" in options.parts:
        rows += starts(quiet, options.starts, texts)
    if "warmup" in options.parts:
        rows += disturbed(busy, quiet, list(itertools.islice(texts, options.rounds)))
    return rows, cache_stats(quiet) if "disk" in options.parts else None


def unsaid() -> Iterator[str]:
    """Yield texts of the same length, each once."""
    pairs = list(itertools.product(NOUNS.split(", "), PLACES.split(", ")))
    random.Random(0).shuffle(pairs)
    for noun, place in pairs:
        yield f"Your {noun} is on the {place}."


async def keep(config: Config, texts: Sequence[str]) -> None:
    """Have `texts` in the phrase cache of `config`. Raises `StartupError`."""
    async with open_backend(config, Plugins.load(config)) as backend:
        await backend.opening
        for text in texts:
            await backend.narrator.warm(Phrase(text))
        await backend.cache.flush()


# The measurements


def cached(config: Config, count: int) -> list[Row]:
    """Ask a server for a kept phrase `count` times, and once before."""
    with serving(config) as server:
        port = server.ready()
        moments = asyncio.run(asked(port, [KEPT] * (count + 1)))[1:]
    return [
        row("kept phrase, from the request", [heard - connected for _, connected, heard in moments]),
        row("kept phrase, with the connection", [heard - begun for begun, _, heard in moments]),
    ]


def starts(config: Config, count: int, texts: Iterator[str]) -> list[Row]:
    """Start servers that are asked at once, `count` times for each question, and once before."""
    questions: dict[str, Callable[[AsyncClient], Awaitable[float]]] = {
        "start to describe": described,
        "start to a kept phrase": lambda client: spoken(client, KEPT),
        "start to a new phrase": lambda client: spoken(client, next(texts)),
    }
    seconds: dict[str, list[float]] = {what: [] for what in questions}
    for _, (what, question) in itertools.product(range(count + 1), questions.items()):
        port = free_port()
        with serving(replace(config, server=ServerConfig(f"tcp://127.0.0.1:{port}"))) as server:
            seconds[what].append(asyncio.run(answered(server, port, question)) - server.began)
    return [row(what, taken[1:]) for what, taken in seconds.items()]


def disturbed(busy: Config, quiet: Config, texts: Sequence[str]) -> list[Row]:
    """Ask two servers for each of `texts`: one has nothing else to do, the other rests meanwhile, and then warms up."""
    idle, working = [], []
    with serving(quiet) as resting:
        calm = resting.ready()
        with serving(busy) as warming:
            lively = warming.ready()
            for text in texts:
                warming.process.send_signal(signal.SIGSTOP)
                idle += asyncio.run(asked(calm, [text]))
                warming.process.send_signal(signal.SIGCONT)
                wait_for_work(busy, warming)
                time.sleep(random.uniform(0, MOMENTS_SECONDS))
                working += asyncio.run(asked(lively, [text]))
    return [
        row("new phrase, idle", [heard - connected for _, connected, heard in idle]),
        row("new phrase, while warming up", [heard - connected for _, connected, heard in working]),
    ]


def wait_for_work(config: Config, server: Server) -> None:
    """Wait until warming up has kept something new. Raises `StartupError` when it does not."""
    before = cache_stats(config).phrases
    until = time.monotonic() + WORK_SECONDS
    while cache_stats(config).phrases == before:
        server.must_run()
        if server.is_warm or time.monotonic() > until:
            raise StartupError("warming up does nothing any more; ask for fewer --rounds, and leave the machine alone")
        time.sleep(LOOK_SECONDS)


async def asked(port: int, texts: Sequence[str]) -> list[tuple[float, float, float]]:
    """Ask for each of `texts` on a connection of its own; return when it began, was connected, and sounded."""
    moments = []
    for text in texts:
        begun = time.perf_counter()
        async with AsyncClient.from_uri(f"tcp://127.0.0.1:{port}") as client:
            connected = time.perf_counter()
            moments.append((begun, connected, await asyncio.wait_for(spoken(client, text), ANSWER_TIMEOUT_SECONDS)))
    return moments


async def answered(server: Server, port: int, question: Callable[[AsyncClient], Awaitable[float]]) -> float:
    """Ask as soon as the server lets us in; return the moment of the answer."""
    client = AsyncClient.from_uri(f"tcp://127.0.0.1:{port}")
    while True:
        try:
            await client.connect()
            break
        except OSError:
            server.must_run()
            await asyncio.sleep(CONNECT_SECONDS)
    try:
        return await asyncio.wait_for(question(client), ANSWER_TIMEOUT_SECONDS)
    finally:
        await client.disconnect()


async def described(client: AsyncClient) -> float:
    """Return the moment of the answer to `describe`."""
    await client.write_event(Describe().event())
    while not Info.is_type((await received(client)).type):
        pass
    return time.perf_counter()


async def spoken(client: AsyncClient, text: str) -> float:
    """Have `text` spoken to its end; return the moment of the first samples. Raises `StartupError`."""
    await client.write_event(Synthesize(text).event())
    while not (AudioChunk.is_type((event := await received(client)).type) and event.payload):
        pass
    first = time.perf_counter()
    while not AudioStop.is_type((await received(client)).type):
        pass
    return first


def free_port() -> int:
    """Return a port that was free a moment ago: a server that starts cannot tell its own soon enough."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port


# What is told


def row(what: str, seconds: Sequence[float]) -> Row:
    """Return the figures of something that took so many `seconds` each time."""
    taken = sorted(1000 * each for each in seconds)
    p99 = taken[math.ceil(0.99 * len(taken)) - 1]
    return Row(what, len(taken), statistics.median(taken), p99, taken[-1])


def as_json(rows: Sequence[Row], disk: CacheStats | None) -> str:
    """Return everything for a program."""
    kept = {"phrases": disk.phrases, "seconds": disk.seconds, "bytes": disk.bytes} if disk else None
    return json.dumps({"rows": [asdict(row) for row in rows], "disk": kept}, indent=2)


def page(rows: Sequence[Row], disk: CacheStats | None) -> str:
    """Return everything for a person."""
    heads = ["what", "times", "median, ms", "p99, ms", "worst, ms"]
    cells = [
        [row.what, str(row.times), *(f"{each:.1f}" for each in (row.median_ms, row.p99_ms, row.worst_ms))]
        for row in rows
    ]
    parts = [table(heads, cells)] if rows else []
    if disk:
        rate = disk.bytes / disk.seconds
        share = rate / (2 * SAMPLE_RATE)
        parts.append(f"{disk.phrases} phrases: {rate:.0f} bytes a second of speech, {share:.0%} of plain samples")
    return "\n\n".join(parts)


if __name__ == "__main__":
    main()
