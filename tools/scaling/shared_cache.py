"""Share phrases between servers over a real redis-server, then let the store fail under load.

    python -m tools.scaling.shared_cache [--phrases N] [--seconds N] [--rate N]

First, one server synthesizes phrases, and another one plays them: they must be equal in every bit, and start at most
25 ms after the request. Then a server with a failing store and a server without one get the same texts at a steady
rate, half of which the store knows. No request may fail. After the circuit has opened, the first audio may be at most
30 ms later than that of the server without a store, and the store must be in use again after the fault. Prints two
tables; the exit code is 1 if a condition is not met. Needs redis-server or valkey-server.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from wyoming.audio import AudioChunk, AudioStop
from wyoming.client import AsyncClient
from wyoming.error import Error
from wyoming.tts import Synthesize

from tools.load.server_process import isolate, read_metric
from tools.load.speech_client import random_sentence
from tools.measure.household_server import HouseholdServer, serving
from tools.scaling.redis_process import Fault, FaultyProxy, RedisProcess, faulty_proxy, running_redis
from tools.scaling.replicas import verdict
from wyoming_kokoro.bench.processes import ANSWER_TIMEOUT_SECONDS
from wyoming_kokoro.config import Config
from wyoming_kokoro.terminal import format_table
from wyoming_kokoro.types import QualitySetting

MAX_START_SECONDS = 0.025
MAX_LATER_SECONDS = 0.03
POLL_SECONDS = 0.02
STATES = re.compile("Shared cache (connected|is not usable)")
RECOVERY_SECONDS = 90.0
WORDS = 6
# The first requests of a server wait for its model.
FIRST_REQUESTS = 5
TIMES = ("synthesized_ms", "from_the_other_server_ms", "from_own_memory_ms")
QUALITIES: tuple[QualitySetting, ...] = ("distilled", "full")


@dataclass(frozen=True, slots=True)
class Speech:
    """The answer to a request."""

    first_seconds: float
    """From the request to the first audio."""
    audio: bytes


@dataclass(frozen=True, slots=True)
class Pair:
    """The same text on the server with a store and on the one without."""

    began: float
    shared_seconds: float
    local_seconds: float


@dataclass(frozen=True, slots=True)
class Setup:
    """The store and the servers of the second part."""

    folder: Path
    redis: RedisProcess
    proxy: FaultyProxy
    helper: HouseholdServer
    """Makes the phrases that the store knows."""
    local: HouseholdServer


Change = Callable[[RedisProcess, FaultyProxy], object]


def limit(size: str) -> Change:
    """Return a change of the memory limit of the store, which refuses writes when it is full."""
    return lambda redis, _: redis.command("CONFIG", "SET", "maxmemory", size)


def answer(fault: Fault) -> Change:
    """Return a change of the proxy."""
    return lambda _, proxy: setattr(proxy, "fault", fault)


NO_FAULT = (answer("none"), answer("none"))
FAULTS: dict[str, tuple[Change, Change]] = {
    # The store that starts again is empty.
    "killed": (lambda redis, _: redis.kill(), lambda redis, _: redis.start()),
    "suspended (SIGSTOP)": (lambda redis, _: redis.pause(), lambda redis, _: redis.resume()),
    "full": (limit("1"), limit("0")),
    "200 ms slow": (answer("slow"), answer("none")),
    "silent": (answer("silent"), answer("none")),
    "junk answers": (answer("junk"), answer("none")),
    "damaged recordings": (answer("damaged"), answer("none")),
}
"""The beginning and the end of each fault."""


def main() -> int:
    """Run both parts, print the report and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--phrases", type=int, default=20, metavar="N", help="phrases to share; default: 20")
    parser.add_argument("--seconds", type=float, default=15.0, metavar="N", help="duration of a fault; default: 15")
    parser.add_argument("--rate", type=float, default=4.0, metavar="N", help="texts per second; default: 4")
    options = parser.parse_args()
    with TemporaryDirectory() as folder, running_redis() as redis:
        shared: dict[str, dict[str, Any]] = {
            quality: asyncio.run(share(redis, Path(folder) / quality, quality, options.phrases))
            for quality in QUALITIES
        }
        faults = asyncio.run(fail(redis, Path(folder) / "faults", options.seconds, options.rate))
    print(format_shared(shared), format_faults(faults), sep="\n\n")
    return 0 if all(row["passed"] for row in (*shared.values(), *faults.values())) else 1


def format_shared(shared: dict[str, dict[str, Any]]) -> str:
    """Return the table of the phrases that servers share."""
    head = ["first audio: median, worst", "synthesized", "from the other server", "from own memory", "late answers"]
    rows = []
    for quality, row in shared.items():
        times = [f"{row[key]['median']} / {row[key]['worst']} ms" for key in TIMES]
        rows.append([quality, *times, str(row["late_answers"]), str(row["differing"]), verdict(row)])
    return format_table([*head, "differing", ""], rows)


def format_faults(faults: dict[str, dict[str, Any]]) -> str:
    """Return the table of the faults."""
    head = ["the store", "requests", "failed", "after opening", "later: median, 95 %, worst", "worst before"]
    rows = []
    for name, row in faults.items():
        later = " / ".join(str(value) for value in row["later_than_local_ms"].values()) + " ms"
        counts = [str(row[key]) for key in ("requests", "failed", "after_the_circuit_opened")]
        recovered = f"{row['recovered_after_seconds']} s"
        rows.append([name, *counts, later, f"{row['worst_later_before_ms']} ms", recovered, verdict(row)])
    tables = [format_table([*head, "used again after", ""], rows)]
    return "\n".join([*tables, *(f"{name}: {text}" for name, row in faults.items() for text in row["failures"])])


async def share(redis: RedisProcess, folder: Path, quality: QualitySetting, count: int) -> dict[str, Any]:
    """Synthesize phrases on one server and play them on another. Return the times and differences."""
    random, store = Random(1), f"redis://127.0.0.1:{redis.port}"
    with ExitStack() as stack:
        first, second = (start(stack, folder / name, quality, store) for name in ("first", "second"))
        for server in (first, second):
            await speak(server, random_sentence(random, WORDS))
            await wait_until_usable(server)
        texts = [random_sentence(random, WORDS) for _ in range(count)]
        made = [await speak(first, text) for text in texts]
        await asyncio.sleep(1)
        fetched = [await speak(second, text) for text in texts]
        again = [await speak(second, text) for text in texts]
        late_answers = await count_late_answers(second)
    differing = sum(one.audio != other.audio for one, other in zip(made, fetched, strict=True))
    slowest = max(speech.first_seconds for speech in fetched)
    return {
        "passed": not differing and slowest <= MAX_START_SECONDS,
        "differing": differing,
        "late_answers": late_answers,
        "synthesized_ms": in_ms(made),
        "from_the_other_server_ms": in_ms(fetched),
        "from_own_memory_ms": in_ms(again),
    }


async def fail(redis: RedisProcess, folder: Path, seconds: float, rate: float) -> dict[str, dict[str, Any]]:
    """Let the store fail in all ways under load. Return what each fault did."""
    with ExitStack() as stack:
        helper = start(stack, folder / "helper", "distilled", f"redis://127.0.0.1:{redis.port}")
        local = start(stack, folder / "local", "distilled", "")
        async with faulty_proxy(redis.port) as proxy:
            setup = Setup(folder, redis, proxy, helper, local)
            return {name: await run_fault(setup, name, seconds, rate) for name in ("none", *FAULTS)}


async def run_fault(setup: Setup, name: str, seconds: float, rate: float) -> dict[str, Any]:
    """Let the store fail in one way. Return the differences to the server without a store."""
    random = Random(name)
    texts = [random_sentence(random, WORDS) for _ in range(round(seconds * rate))]
    for text in texts[::2]:
        await speak(setup.helper, text)
    with ExitStack() as stack:
        # A new server, because the pauses of an earlier fault are still long.
        shared = start(stack, setup.folder / name, "distilled", f"redis://127.0.0.1:{setup.proxy.port}")
        for _ in range(FIRST_REQUESTS):
            await speak(shared, random_sentence(random, WORDS))
        await wait_until_usable(shared)
        return await compare(setup, shared, name, texts, rate)


async def compare(
    setup: Setup, shared: HouseholdServer, name: str, texts: Sequence[str], rate: float
) -> dict[str, Any]:
    """Begin the fault, request `texts`, and end the fault. `shared` reaches the store through the proxy."""
    begin, end = FAULTS.get(name, NO_FAULT)
    await asyncio.to_thread(begin, setup.redis, setup.proxy)
    circuit = CircuitWatch(shared)
    watching = asyncio.create_task(circuit.wait_until_open())
    requests = (speak_both(index, text, index / rate, (shared, setup.local)) for index, text in enumerate(texts))
    finished = await asyncio.gather(*requests, return_exceptions=True)
    watching.cancel()
    await asyncio.to_thread(end, setup.redis, setup.proxy)
    recovery_seconds = await wait_until_usable(shared)
    failures = [repr(item) for item in finished if isinstance(item, BaseException)]
    pairs = [item for item in finished if isinstance(item, Pair)]
    after = [pair for pair in pairs if pair.began >= circuit.opened_at] or pairs
    later = sorted(1000 * (pair.shared_seconds - pair.local_seconds) for pair in after)
    return {
        "passed": not failures and later[-1] <= 1000 * MAX_LATER_SECONDS,
        "requests": len(texts),
        "failed": len(failures),
        "failures": failures[:3],
        "after_the_circuit_opened": len(after) if after is not pairs else "it did not open",
        "later_than_local_ms": {
            "median": round(median(later), 1),
            "95 %": round(later[int(0.95 * len(later))], 1),
            "worst": round(later[-1], 1),
        },
        "worst_later_before_ms": max(
            (round(1000 * (pair.shared_seconds - pair.local_seconds), 1) for pair in pairs if pair not in after),
            default=0.0,
        ),
        "recovered_after_seconds": round(recovery_seconds, 1),
    }


class CircuitWatch:
    """Notes when a server stops to use the store."""

    def __init__(self, server: HouseholdServer) -> None:
        self._server = server
        self.opened_at = float("inf")

    async def wait_until_open(self) -> None:
        """Ask the server repeatedly."""
        await poll(self._server, usable=False)
        self.opened_at = time.perf_counter()


async def wait_until_usable(server: HouseholdServer) -> float:
    """Wait until the server uses the store, and return the seconds. Raises `TimeoutError`."""
    began = time.perf_counter()
    await asyncio.wait_for(poll(server, usable=True), RECOVERY_SECONDS)
    return time.perf_counter() - began


async def poll(server: HouseholdServer, *, usable: bool) -> None:
    """Return when the server uses the store, or does not, by the last line of its log about that."""
    while True:
        lines = STATES.findall(await asyncio.to_thread(server.log.read_text, "utf-8"))
        if lines and (lines[-1] == "connected") is usable:
            return
        await asyncio.sleep(POLL_SECONDS)


async def speak_both(index: int, text: str, delay: float, servers: Sequence[HouseholdServer]) -> Pair:
    """Request `text` after `delay` from both servers, one after the other, in turn the one or the other first."""
    await asyncio.sleep(delay)
    began, seconds = time.perf_counter(), [0.0, 0.0]
    for number in (0, 1) if index // 2 % 2 else (1, 0):
        seconds[number] = (await speak(servers[number], text)).first_seconds
    return Pair(began, *seconds)


async def speak(server: HouseholdServer, text: str) -> Speech:
    """Request `text` and return the whole audio. Raises `RuntimeError` for an error."""
    first, audio = None, bytearray()
    async with AsyncClient.from_uri(f"tcp://127.0.0.1:{server.ready()}") as client:
        began = time.perf_counter()
        await client.write_event(Synthesize(text).event())
        while event := await asyncio.wait_for(client.read_event(), ANSWER_TIMEOUT_SECONDS):
            if Error.is_type(event.type):
                raise RuntimeError(Error.from_event(event).text)
            if AudioChunk.is_type(event.type):
                first = first or time.perf_counter() - began
                audio += AudioChunk.from_event(event).audio
            if AudioStop.is_type(event.type):
                break
    if first is None:
        raise RuntimeError("no audio")
    return Speech(first, bytes(audio))


async def count_late_answers(server: HouseholdServer) -> int:
    """Return how many lookups of a server had no answer of the store in time."""
    return int(await read_metric(server.dashboard(), 'shared_cache_lookups_total{result="failed"}'))


def start(stack: ExitStack, folder: Path, quality: QualitySetting, store: str) -> HouseholdServer:
    """Start a server with a phrase cache of its own over `store`, if there is one."""
    config = isolate(Config(), folder)
    plugins = {**config.plugins, "redis": {"url": store}}
    voice = replace(config.voice, quality=quality)
    return stack.enter_context(serving(replace(config, voice=voice, plugins=plugins)))


def in_ms(speeches: Sequence[Speech]) -> dict[str, float]:
    """Return the median and the worst time to the first audio."""
    times = [1000 * speech.first_seconds for speech in speeches]
    return {"median": round(median(times), 1), "worst": round(max(times), 1)}


if __name__ == "__main__":
    sys.exit(main())
