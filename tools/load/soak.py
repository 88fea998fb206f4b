"""Send thousands of requests to a server, and look for failures, growing memory and leaks.

    python -m tools.load.soak [--requests N] [--at-once N] [--seed N] [--voices NAME ...] [--config FILE]

More than half of the requests repeat an earlier phrase. A third are new, and two fifths of those are cancelled. The
others are malformed, or ask for the server's description. Each request depends only on the seed, its number and the
voices. The server accepts as many streams as there are clients, because refusals are the subject of `overload.py`.

The memory after a rest at the end is compared with the memory after a tenth of the requests. If the memory tier of the
phrase cache becomes full later, but in the first half, the comparison begins then: its growth up to its limit is no
leak. The exit code is 0 if no correct request failed, the memory grew by at most 5 %, and no thread, task, file or
connection is left.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from wyoming.audio import AudioChunk
from wyoming.client import AsyncClient
from wyoming.error import Error

from tools.faults.malformed_conversations import generate_conversation, run_conversation
from tools.load.server_process import (
    ProcessStats,
    cached_ratio,
    count_tasks,
    find_internal_errors,
    isolate,
    wait_for_stable_memory,
)
from tools.load.speech_client import (
    ANSWER_TIMEOUT_SECONDS,
    MAX_GAP_SECONDS,
    REFUSALS,
    SPOKEN,
    random_sentence,
    request_speech,
    send_text,
    split_randomly,
)
from tools.measure.household_server import HouseholdServer, serving
from wyoming_kokoro.cli.ping import describe
from wyoming_kokoro.config import Config, load_config
from wyoming_kokoro.errors import StartupError

VOICES = ("af_heart", "af_bella", "am_michael", "bf_emma", "bm_george", "ff_siwis", "if_sara", "ef_dora")
KNOWN_PHRASES = 80
PERCENT = {"repeated": 56, "new": 18, "new and long": 1, "cancelled": 13, "malformed": 9, "describe": 3}
NEW_KINDS = {"new", "new and long", "cancelled"}
LONG_WORDS = 40
RETRY_SECONDS = 1.0
MAX_TRIES = 60
REST_SECONDS = 15.0
MAX_GROWTH_RATIO = 1.05
SAMPLES = 20
# A full memory tier has room for less than one phrase: measured were 7 % of a tier of 1 MB.
FULL_RATIO = 0.9
MAX_SHOWN = 5


@dataclass(slots=True)
class SoakCounts:
    """Counts of the finished requests."""

    done: Counter[str] = field(default_factory=Counter)
    """By kind."""
    failures: list[str] = field(default_factory=list)
    refusals: int = 0
    audio_seconds: float = 0.0
    gaps: int = 0


@dataclass(frozen=True, slots=True)
class SoakRequest:
    """One request of the soak test."""

    kind: str
    text: str
    voice: str
    is_streamed: bool
    random: Random

    @classmethod
    def generate(cls, number: int, seed: int, voices: Sequence[str]) -> SoakRequest:
        """Return the request with this number. The same arguments give the same request."""
        random = Random(f"{seed} {number}")
        (kind,) = random.choices(list(PERCENT), list(PERCENT.values()))
        voice = random.choice(voices)
        if kind == "repeated":
            known = Random(f"{seed} known {random.randrange(KNOWN_PHRASES)}")
            text = random_sentence(known, known.randint(2, 6))
            return cls(kind, text, known.choice(voices), random.random() < 0.5, random)
        words = LONG_WORDS if kind == "new and long" else random.randint(2, 3)
        return cls(kind, random_sentence(random, words), voice, random.random() < 0.5, random)

    @property
    def chunks(self) -> list[str]:
        """The chunks of a streamed request, or an empty list."""
        return split_randomly(self.text, self.random) if self.is_streamed else []


class Soak:
    """Sends the requests, and samples the server's resources in between."""

    def __init__(self, server: HouseholdServer, port: int, requests: int, seed: int, voices: Sequence[str]) -> None:
        self.counts = SoakCounts()
        self.samples = {0: ProcessStats.of(server.process.pid)}
        """Resources by the number of finished requests."""
        self.cached_ratios: dict[int, float] = {}
        """How full the memory tier of the phrase cache is, by the number of finished requests."""
        self.tasks: list[int] = []
        """Tasks of the server's event loop, before and after all requests."""
        self._server = server
        self._port = port
        self._requests = requests
        self._sample_interval = max(1, requests // SAMPLES)
        self._numbers = iter(range(requests))
        self._seed = seed
        self._voices = voices
        self._started = time.monotonic()

    async def run(self, at_once: int) -> None:
        """Send all requests, rest, and take the last sample. Raises `StartupError` if the server exits."""
        dashboard = self._server.dashboard()
        self.tasks.append(await count_tasks(dashboard))
        await asyncio.gather(*(self._send_requests() for _ in range(at_once)))
        await asyncio.sleep(REST_SECONDS)
        self.tasks.append(await count_tasks(dashboard))
        await self._sample()

    @property
    def baseline(self) -> int:
        """The number of finished requests when the comparison begins: every kind of request has occurred."""
        tenth = 2 * self._sample_interval
        compared = (done for done in self.cached_ratios if tenth <= done <= self._requests // 2)
        return next((done for done in compared if self.cached_ratios[done] >= FULL_RATIO), tenth)

    async def _send_requests(self) -> None:
        for number in self._numbers:
            request = SoakRequest.generate(number, self._seed, self._voices)
            await self._send(request)
            self.counts.done[request.kind] += 1
            if self.counts.done.total() % self._sample_interval == 0:
                await self._sample()

    async def _sample(self) -> None:
        self._server.must_run()
        done = self.counts.done.total()
        self.samples[done] = ProcessStats.of(self._server.process.pid)
        self.cached_ratios[done] = await cached_ratio(self._server.dashboard())
        elapsed = time.monotonic() - self._started
        remaining = elapsed / done * (self._requests - done)
        print(
            f"{done} requests, {elapsed:.0f} s, about {remaining:.0f} s left: {self.samples[done]},"
            f" {self.cached_ratios[done]:.0%} of the phrase cache's memory,"
            f" {len(self.counts.failures)} failures, {self.counts.refusals} refusals",
            file=sys.stderr,
            flush=True,
        )

    async def _send(self, request: SoakRequest) -> None:
        if request.kind == "malformed":
            await run_conversation(self._port, generate_conversation(request.random))
        elif request.kind == "cancelled":
            await self._retry(request, lambda: request_and_cancel(self._port, request))
        elif request.kind == "describe":
            await self._retry(request, self._describe)
        else:
            await self._retry(request, lambda: self._speak(request))

    async def _describe(self) -> str:
        try:
            await asyncio.to_thread(describe, f"tcp://127.0.0.1:{self._port}")
        except StartupError as error:
            return str(error)
        return SPOKEN

    async def _speak(self, request: SoakRequest) -> str:
        answer = await request_speech(self._port, request.text, request.voice, request.chunks)
        self.counts.audio_seconds += answer.audio_seconds
        self.counts.gaps += answer.gap_seconds > MAX_GAP_SECONDS
        return answer.outcome

    async def _retry(self, request: SoakRequest, send: Callable[[], Awaitable[str]]) -> None:
        """Send a request until it is not refused, and count what happened."""
        for _ in range(MAX_TRIES):
            outcome = await send()
            if outcome not in REFUSALS:
                break
            self.counts.refusals += 1
            await asyncio.sleep(RETRY_SECONDS)
        if outcome != SPOKEN:
            self.counts.failures.append(f"{request.kind}: {outcome}")
            print(f"failed: {self.counts.failures[-1]}", file=sys.stderr, flush=True)


async def request_and_cancel(port: int, request: SoakRequest) -> str:
    """Close the connection at the first audio or earlier. Return `SPOKEN`, or the problem."""
    try:
        async with AsyncClient.from_uri(f"tcp://127.0.0.1:{port}") as client:
            await send_text(client, request.text, request.voice, request.chunks)
            if request.random.random() < 0.5:
                await asyncio.sleep(request.random.random() * 0.2)
                return SPOKEN
            return await asyncio.wait_for(_wait_for_audio(client), ANSWER_TIMEOUT_SECONDS)
    except asyncio.TimeoutError:  # an OSError since Python 3.11, so it comes first
        return f"no audio within {ANSWER_TIMEOUT_SECONDS:g} s"
    except OSError as error:
        return f"connection broken: {error!r}"


async def _wait_for_audio(client: AsyncClient) -> str:
    while event := await client.read_event():
        if AudioChunk.is_type(event.type):
            return SPOKEN
        if Error.is_type(event.type):
            return Error.from_event(event).code or "error"
    return "closed by the server"


def format_report(soak: Soak, errors: list[str]) -> Iterator[str]:
    """Yield the lines of the report."""
    counts, first, last = soak.counts, soak.samples[soak.baseline], list(soak.samples.values())[-1]
    total, new = counts.done.total(), sum(counts.done[kind] for kind in NEW_KINDS)
    yield f"{total} requests: {', '.join(f'{count} {kind}' for kind, count in counts.done.most_common())}"
    yield f"new speech: {100 * new / total:.0f} %; audio: {counts.audio_seconds:.0f} s"
    yield f"answers with gaps: {counts.gaps}; refused and repeated: {counts.refusals}"
    yield f"failures of correct requests: {len(counts.failures)}"
    yield from (f"  {failure}" for failure in counts.failures[:MAX_SHOWN])
    yield f"server after {soak.baseline} requests: {first}"
    yield f"server at the end: {last}"
    yield f"tasks of the event loop: {soak.tasks[0]} before, {soak.tasks[1]} at the end"
    cached = [soak.cached_ratios[done] for done in (soak.baseline, max(soak.cached_ratios))]
    yield f"memory tier of the phrase cache: {cached[0]:.0%} full then, {cached[1]:.0%} at the end"
    yield f"resident memory: {last.rss_mb / first.rss_mb:.3f} of that after {soak.baseline} requests"
    yield f"internal errors in the log: {len(errors)}"
    yield from (f"  {line}" for line in errors[:MAX_SHOWN])


def has_passed(soak: Soak, errors: list[str]) -> bool:
    """Return whether there was no failure, no growth and no leak."""
    first, last = soak.samples[soak.baseline], list(soak.samples.values())[-1]
    has_grown = last.rss_mb > MAX_GROWTH_RATIO * first.rss_mb
    has_leaks = (
        last.sockets > soak.samples[0].sockets
        or last.threads > first.threads
        or last.files > first.files
        or soak.tasks[1] > soak.tasks[0]
        or last.children
    )
    return not (soak.counts.failures or errors or has_grown or has_leaks)


async def measure_new_phrase(port: int, seed: int, voices: Sequence[str]) -> float:
    """Return the seconds for a new phrase, after three phrases of warm-up."""
    requests = [SoakRequest.generate(number, seed + 1, voices) for number in range(-6, 0)]
    for request in requests[:3]:
        await request_speech(port, request.text, request.voice)
    started = time.monotonic()
    for request in requests[3:]:
        await request_speech(port, request.text, request.voice)
    return (time.monotonic() - started) / 3


def build_config(options: argparse.Namespace, folder: Path) -> Config:
    """Return the configuration of a server that accepts all clients at once."""
    config = isolate(load_config(options.config, {}, {}), folder)
    return replace(config, server=replace(config.server, max_streams=options.at_once))


def main() -> int:
    """Run the test, print the report and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=20_000, metavar="N", help="at least 20; default: 20000")
    parser.add_argument("--at-once", type=int, default=2, metavar="N", help="concurrent requests; default: 2")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="of the random generator; default: 1")
    parser.add_argument("--voices", nargs="+", default=VOICES, metavar="NAME", help="default: eight voices")
    parser.add_argument("--config", type=Path, metavar="FILE", help="configuration of the server")
    options = parser.parse_args()
    with TemporaryDirectory() as name, serving(build_config(options, Path(name) / "server")) as server:
        port = server.ready()
        seconds = asyncio.run(measure_new_phrase(port, options.seed, options.voices))
        asyncio.run(wait_for_stable_memory(server.process.pid))
        minutes = options.requests * seconds * sum(PERCENT[kind] for kind in NEW_KINDS) / sum(PERCENT.values()) / 60
        print(f"a new phrase takes {seconds:.2f} s; this may take {minutes:.0f} min", file=sys.stderr, flush=True)
        soak = Soak(server, port, max(20, options.requests), options.seed, options.voices)
        asyncio.run(soak.run(options.at_once))
        errors = find_internal_errors(server.log)
    print(*format_report(soak, errors), sep="\n")
    return 0 if has_passed(soak, errors) else 1


if __name__ == "__main__":
    raise SystemExit(main())
