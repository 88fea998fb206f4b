"""Flood a server with each kind of hostile client, and measure `describe` and a good client's audio meanwhile.

    python -m tools.faults.floods [--quality distilled] [--seconds 10] [--floods NAME ...]

The server runs on one CPU, the clients on another one. Prints a table; the exit code is 1 if a goal is missed.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory

import httpx
import psutil

from tools.faults.flood_clients import FLOODS, run_flood
from tools.load.server_process import find_internal_errors, isolate
from tools.load.speech_client import SPOKEN, random_sentence, request_speech, split_randomly
from tools.measure.household_server import HouseholdServer, serving
from wyoming_kokoro.cli.ping import describe
from wyoming_kokoro.config import Config
from wyoming_kokoro.errors import KokoroError

MAX_MEDIAN_MS, MAX_WORST_MS = 50.0, 250.0
MAX_GAP_MS = 100.0
MAX_GROWTH_MB = 100.0
MAX_LOG_BYTES = 1_000_000
DESCRIBE_INTERVAL_SECONDS = 0.1
SAMPLE_INTERVAL_SECONDS = 0.2
SETTLE_SECONDS = 5.0
WORDS = 20
HTTP_FLOOD = "unfinished bodies"


@dataclass(slots=True)
class Measurement:
    """What clients saw during one flood."""

    flood: str
    describe_ms: list[float] = field(default_factory=list)
    ttfa_ms: list[float] = field(default_factory=list)
    gap_ms: float = 0.0
    """The longest sum of the gaps of one answer."""
    failures: list[str] = field(default_factory=list)
    growth_mb: float = 0.0
    log_bytes: int = 0

    @property
    def passed(self) -> bool:
        """Whether all goals are met."""
        return (
            not self.failures
            and median(self.describe_ms) <= MAX_MEDIAN_MS
            and max(self.describe_ms) <= MAX_WORST_MS
            and self.gap_ms <= MAX_GAP_MS
            and self.growth_mb <= MAX_GROWTH_MB
            and self.log_bytes <= MAX_LOG_BYTES
        )

    def __str__(self) -> str:
        ttfa, described = sorted(self.ttfa_ms) or [float("nan")], sorted(self.describe_ms) or [float("nan")]
        return (
            f"| {self.flood} | {median(described):.0f} | {described[-1]:.0f} | {median(ttfa):.0f} | {ttfa[-1]:.0f}"
            f" | {self.gap_ms:.0f} | {self.growth_mb:+.0f} | {self.log_bytes / 1000:.1f}"
            f" | {', '.join(sorted(set(self.failures))) or '-'} |"
        )


async def measure(server: HouseholdServer, flood: str, seconds: float) -> Measurement:
    """Run a flood for some seconds and measure meanwhile."""
    port, result = server.ready(), Measurement(flood)
    dashboard, process = server.dashboard(), psutil.Process(server.process.pid)
    target = int(dashboard.rstrip("/").rpartition(":")[2]) if flood == HTTP_FLOOD else port
    rss, log_size = process.memory_info().rss, server.log.stat().st_size
    attack = multiprocessing.get_context("spawn").Process(target=run_flood, args=(flood, target, seconds + 1))
    attack.start()
    await asyncio.sleep(1)
    until = time.monotonic() + seconds

    async def ask() -> None:
        while time.monotonic() < until:
            try:
                result.describe_ms.append((await asyncio.to_thread(describe, f"tcp://127.0.0.1:{port}")).milliseconds)
                if flood == HTTP_FLOOD:
                    async with httpx.AsyncClient() as client:
                        (await client.get(f"{dashboard}healthz")).raise_for_status()
            except (KokoroError, httpx.HTTPError) as error:
                result.failures.append(f"describe: {str(error)[:80]}")
            await asyncio.sleep(DESCRIBE_INTERVAL_SECONDS)

    async def listen() -> None:
        random = Random(flood)
        while time.monotonic() < until:
            text = f"{random_sentence(random, WORDS)} {random_sentence(random, WORDS)}"
            answer = await request_speech(port, text, chunks=split_randomly(text, random))
            if answer.outcome != SPOKEN:
                result.failures.append(answer.outcome)
            else:
                result.ttfa_ms.append(1000 * (answer.ttfa or 0))
                result.gap_ms = max(result.gap_ms, 1000 * answer.gap_seconds)
            await asyncio.sleep(0.5)

    async def watch() -> None:
        while time.monotonic() < until:
            result.growth_mb = max(result.growth_mb, (process.memory_info().rss - rss) / 1e6)
            await asyncio.sleep(SAMPLE_INTERVAL_SECONDS)

    try:
        await asyncio.gather(ask(), listen(), watch())
    finally:
        attack.terminate()
        attack.join()
    server.must_run()
    result.log_bytes = server.log.stat().st_size - log_size
    return result


@contextmanager
def pinned(cpus: set[int]) -> Iterator[None]:
    """Let this process, and those that it starts in the context, run on `cpus` only."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cpus)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


async def run_floods(server: HouseholdServer, floods: list[str], seconds: float) -> list[Measurement]:
    """Run the floods one after the other, and print a row for each."""
    port, random = server.ready(), Random(0)
    for _ in range(3):
        await request_speech(port, random_sentence(random, WORDS))
    await request_speech(port, "a")
    rows = []
    for flood in floods:
        await asyncio.sleep(SETTLE_SECONDS)
        rows.append(await measure(server, flood, seconds))
        print(rows[-1], flush=True)
    return rows


def main() -> int:
    """Run the floods, print the table and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quality", choices=["distilled", "full", "auto"], default="distilled")
    parser.add_argument("--seconds", type=float, default=10.0, help="of each flood; default: 10")
    parser.add_argument("--floods", nargs="+", choices=list(FLOODS), default=list(FLOODS), metavar="NAME")
    options = parser.parse_args()
    server_cpu, *client_cpus = sorted(os.sched_getaffinity(0))
    columns = (
        "describe median ms",
        "worst",
        "first audio median ms",
        "worst",
        "gap ms",
        "memory MB",
        "log kB",
        "failures",
    )
    print("| flood |", " | ".join(columns), "|\n|---" + "|---" * len(columns) + "|", flush=True)
    with TemporaryDirectory() as folder, ExitStack() as stack:
        config = isolate(Config(), Path(folder) / "server")
        config = replace(config, voice=replace(config.voice, quality=options.quality))
        with pinned({server_cpu}):
            server = stack.enter_context(serving(config))
        with pinned(set(client_cpus)):
            rows = asyncio.run(run_floods(server, options.floods, options.seconds))
        errors = find_internal_errors(server.log)
    print(f"internal errors in the log: {len(errors)}", *errors[:5], sep="\n")
    return 0 if all(row.passed for row in rows) and not errors else 1


if __name__ == "__main__":
    raise SystemExit(main())
