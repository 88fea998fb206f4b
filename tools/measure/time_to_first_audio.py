"""Measure the TTFA (time to first audio): of cached phrases, after a start, and during warm-up.

    python -m tools.measure.time_to_first_audio [cached] [start] [warmup] [disk] [--json]

    cached   a cached phrase, requested repeatedly over TCP with a new connection each time
    start    from the start of the process to the answer to `describe`, and to the first audio of a phrase
    warmup   new phrases during warm-up at full speed, compared with an idle server
    disk     bytes per second of cached speech

Without a part, all are measured. The servers have empty phrase caches, but the model is prepared.
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

from tools.measure.household_server import HouseholdServer, cache_stats, household, read_answer, serving, unwarmed
from tools.measure.household_texts import ANNOUNCEMENTS
from wyoming_kokoro.api.phrase_cache import CacheStats
from wyoming_kokoro.api.warmup import Phrase
from wyoming_kokoro.backend import open_backend
from wyoming_kokoro.bench.processes import ANSWER_TIMEOUT_SECONDS, interrupt_on_sigterm
from wyoming_kokoro.config import Config, ServerConfig, load_config
from wyoming_kokoro.errors import KokoroError, StartupError
from wyoming_kokoro.plugins.manager import PluginManager
from wyoming_kokoro.terminal import format_table
from wyoming_kokoro.types import SAMPLE_RATE

PARTS = ("cached", "start", "warmup", "disk")
CACHED_TEXT = "Turned on the lights."
NOUNS = "book, coat, lamp, ring, spoon, phone, scarf, glove, plate, knife"
PLACES = "chair, shelf, stairs, roof, couch, desk, floor, bench, bed, stove"
CONNECT_INTERVAL_SECONDS = 0.002
POLL_SECONDS = 0.25
# Warm-up pauses for up to a minute while other programs use the CPU.
WARMUP_TIMEOUT_SECONDS = 150.0
MAX_DELAY_SECONDS = 1.0
"""A request during warm-up is delayed randomly, so that it arrives at any moment of a phrase."""


@dataclass(frozen=True, slots=True)
class TimeSummary:
    """The distribution of one measured time."""

    name: str
    count: int
    median_ms: float
    p99_ms: float
    worst_ms: float

    @classmethod
    def of(cls, name: str, seconds: Sequence[float]) -> TimeSummary:
        """Summarize times in seconds."""
        times = sorted(1000 * each for each in seconds)
        p99 = times[math.ceil(0.99 * len(times)) - 1]
        return cls(name, len(times), statistics.median(times), p99, times[-1])


@dataclass(frozen=True, slots=True)
class RequestMoments:
    """The moments of one request, by `time.perf_counter`."""

    started: float
    connected: float
    first_audio: float

    @property
    def ttfa(self) -> float:
        """Seconds from the connection to the first audio."""
        return self.first_audio - self.connected


def main() -> None:
    """Print the table."""
    options = parse_arguments()
    try:
        with interrupt_on_sigterm(), TemporaryDirectory() as folder:
            summaries, disk = measure_parts(load_config(None, os.environ, {}), Path(folder), options)
    except KokoroError as error:
        sys.exit(f"time_to_first_audio: {error}")
    print(format_json(summaries, disk) if options.json else format_text(summaries, disk))


def parse_arguments() -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"some of {', '.join(PARTS)}; default: all")
    parser.add_argument("--requests", type=int, default=1000, metavar="N", help="for `cached`; default: 1000")
    parser.add_argument("--starts", type=int, default=5, metavar="N", help="of each kind for `start`; default: 5")
    parser.add_argument("--rounds", type=int, default=20, metavar="N", help="new phrases for `warmup`; default: 20")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args()
    options.parts = options.parts or PARTS
    if not set(options.parts) <= set(PARTS) or min(options.requests, options.starts, options.rounds) < 1:
        parser.error(f"the parts are {', '.join(PARTS)}; --requests, --starts and --rounds must be at least 1")
    return options


def measure_parts(
    config: Config, folder: Path, options: argparse.Namespace
) -> tuple[list[TimeSummary], CacheStats | None]:
    """Measure the chosen parts. Raises `StartupError`."""
    idle, warming = unwarmed(household(config, folder / "idle", 0)), household(config, folder / "warming", 0)
    asyncio.run(fill_cache(idle, [CACHED_TEXT, *ANNOUNCEMENTS]))
    texts = generate_texts()
    summaries = []
    if "cached" in options.parts:
        summaries += measure_cached(idle, options.requests)
    if "start" in options.parts:
        summaries += measure_starts(idle, options.starts, texts)
    if "warmup" in options.parts:
        summaries += measure_warmup(warming, idle, list(itertools.islice(texts, options.rounds)))
    return summaries, cache_stats(idle) if "disk" in options.parts else None


def generate_texts() -> Iterator[str]:
    """Yield different texts of similar length."""
    pairs = list(itertools.product(NOUNS.split(", "), PLACES.split(", ")))
    random.Random(0).shuffle(pairs)
    for noun, place in pairs:
        yield f"Your {noun} is on the {place}."


async def fill_cache(config: Config, texts: Sequence[str]) -> None:
    """Synthesize `texts` into the phrase cache of `config`. Raises `StartupError`."""
    async with open_backend(config, PluginManager.load(config)) as backend:
        await backend.open_model()
        for text in texts:
            await backend.tts.warm(Phrase(text))
        await backend.cache.flush()


# Measurements


def measure_cached(config: Config, count: int) -> list[TimeSummary]:
    """Request a cached phrase `count` times, after one request for warm-up."""
    with serving(config) as server:
        port = server.ready()
        moments = asyncio.run(request_all(port, [CACHED_TEXT] * (count + 1)))[1:]
    return [
        TimeSummary.of("cached phrase", [each.ttfa for each in moments]),
        TimeSummary.of("cached phrase, with connection", [each.first_audio - each.started for each in moments]),
    ]


def measure_starts(config: Config, count: int, texts: Iterator[str]) -> list[TimeSummary]:
    """Start `count` servers for each kind of request, after one for warm-up."""
    requests: dict[str, Callable[[AsyncClient], Awaitable[float]]] = {
        "start to describe": describe,
        "start to cached phrase": lambda client: speak(client, CACHED_TEXT),
        "start to new phrase": lambda client: speak(client, next(texts)),
    }
    seconds: dict[str, list[float]] = {name: [] for name in requests}
    for _, (name, request) in itertools.product(range(count + 1), requests.items()):
        port = find_free_port()
        with serving(replace(config, server=ServerConfig(f"tcp://127.0.0.1:{port}"))) as server:
            seconds[name].append(asyncio.run(request_at_start(server, port, request)) - server.began)
    return [TimeSummary.of(name, times[1:]) for name, times in seconds.items()]


def measure_warmup(warming: Config, idle: Config, texts: Sequence[str]) -> list[TimeSummary]:
    """Request each text from an idle server, while the other is suspended, and then from a server that warms up."""
    idle_moments, warming_moments = [], []
    with serving(idle) as idle_server, serving(warming) as warming_server:
        idle_port, warming_port = idle_server.ready(), warming_server.ready()
        for text in texts:
            warming_server.process.send_signal(signal.SIGSTOP)
            idle_moments += asyncio.run(request_all(idle_port, [text]))
            warming_server.process.send_signal(signal.SIGCONT)
            wait_for_warmup(warming, warming_server)
            time.sleep(random.uniform(0, MAX_DELAY_SECONDS))
            warming_moments += asyncio.run(request_all(warming_port, [text]))
    return [
        TimeSummary.of("new phrase, idle", [each.ttfa for each in idle_moments]),
        TimeSummary.of("new phrase, during warm-up", [each.ttfa for each in warming_moments]),
    ]


def wait_for_warmup(config: Config, server: HouseholdServer) -> None:
    """Wait until warm-up has cached another phrase. Raises `StartupError` if it has finished or takes too long."""
    before = cache_stats(config).phrases
    deadline = time.monotonic() + WARMUP_TIMEOUT_SECONDS
    while cache_stats(config).phrases == before:
        server.must_run()
        if server.is_warm or time.monotonic() > deadline:
            raise StartupError("warm-up has stopped; use fewer --rounds, and stop other programs")
        time.sleep(POLL_SECONDS)


async def request_all(port: int, texts: Sequence[str]) -> list[RequestMoments]:
    """Request each text on a new connection, one after the other. Raises `StartupError`."""
    moments = []
    for text in texts:
        started = time.perf_counter()
        async with AsyncClient.from_uri(f"tcp://127.0.0.1:{port}") as client:
            connected = time.perf_counter()
            first_audio = await asyncio.wait_for(speak(client, text), ANSWER_TIMEOUT_SECONDS)
            moments.append(RequestMoments(started, connected, first_audio))
    return moments


async def request_at_start(
    server: HouseholdServer, port: int, request: Callable[[AsyncClient], Awaitable[float]]
) -> float:
    """Send a request as soon as the server accepts connections, and return the moment of the answer."""
    client = AsyncClient.from_uri(f"tcp://127.0.0.1:{port}")
    while True:
        try:
            await client.connect()
            break
        except OSError:
            server.must_run()
            await asyncio.sleep(CONNECT_INTERVAL_SECONDS)
    try:
        return await asyncio.wait_for(request(client), ANSWER_TIMEOUT_SECONDS)
    finally:
        await client.disconnect()


async def describe(client: AsyncClient) -> float:
    """Return the moment of the answer to `describe`."""
    await client.write_event(Describe().event())
    while not Info.is_type((await read_answer(client)).type):
        pass
    return time.perf_counter()


async def speak(client: AsyncClient, text: str) -> float:
    """Read the whole answer, and return the moment of the first audio. Raises `StartupError`."""
    await client.write_event(Synthesize(text).event())
    while not (AudioChunk.is_type((event := await read_answer(client)).type) and event.payload):
        pass
    first_audio = time.perf_counter()
    while not AudioStop.is_type((await read_answer(client)).type):
        pass
    return first_audio


def find_free_port() -> int:
    """Return a free port: a client that connects before the server listens must know the port in advance."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port


# Output


def format_json(summaries: Sequence[TimeSummary], disk: CacheStats | None) -> str:
    """Return all results as JSON."""
    cached = {"phrases": disk.phrases, "seconds": disk.speech_seconds, "bytes": disk.disk_bytes} if disk else None
    return json.dumps({"times": [asdict(summary) for summary in summaries], "disk": cached}, indent=2)


def format_text(summaries: Sequence[TimeSummary], disk: CacheStats | None) -> str:
    """Return all results as text."""
    heads = ["time", "count", "median, ms", "p99, ms", "worst, ms"]
    rows = [
        [each.name, str(each.count), *(f"{time:.1f}" for time in (each.median_ms, each.p99_ms, each.worst_ms))]
        for each in summaries
    ]
    parts = [format_table(heads, rows)] if summaries else []
    if disk:
        rate = disk.disk_bytes / disk.speech_seconds
        share = rate / (2 * SAMPLE_RATE)
        parts.append(f"{disk.phrases} phrases: {rate:.0f} bytes per second of speech, {share:.0%} of 16-bit PCM")
    return "\n\n".join(parts)


if __name__ == "__main__":
    main()
