"""Replay a day of a household after 15 minutes of warmup; measure the hit rate of the cache and the TTFA.

    python -m tools.measure.household_day [--minutes N] [--seed N] [--json]     warm up, replay, report
    python -m tools.measure.household_day --texts                               only print the texts

A server with the devices and announcements of the household warms up an empty cache. Then a server without warmup
receives the 300 requests of the day, in the format of Home Assistant, from a client in another process. The goals are a
hit rate of 80 % of the segments and a median TTFA of 5 ms.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import multiprocessing
import os
import statistics
import sys
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from tools.measure.household_server import cache_stats, household, listen, serving, unwarmed
from tools.measure.household_texts import SHARES, HouseholdRequest, Share, day
from wyoming_kokoro.api.observations import Observation, SegmentFinished
from wyoming_kokoro.bench.processes import interrupt_on_sigterm
from wyoming_kokoro.config import Config, load_config
from wyoming_kokoro.errors import KokoroError
from wyoming_kokoro.plugins.manager import PluginManager
from wyoming_kokoro.server.lifecycle import open_server
from wyoming_kokoro.server.startup_timeline import StartupTimeline
from wyoming_kokoro.terminal import format_table

FREE = (
    "I turned the heating down two degrees because the house is empty.",
    "The tallest mountain in Austria is the Grossglockner, at three thousand seven hundred and ninety-eight metres.",
    "Your next meeting is with Sarah from accounting at half past two.",
    "It takes about eleven minutes to boil six eggs hard if they come straight from the fridge.",
    "You used 9.4 kWh today, roughly a third less than last Tuesday.",
    "A group of flamingos is called a flamboyance.",
    "Nothing on your calendar collides with the school concert on the 12th.",
    "I found two recipes for lentil soup, and the quicker one needs only carrots, cumin and a lemon.",
    "The bus to the old harbour leaves at 7:42 and you would have to change once.",
    "Your parcel left the depot in Graz this morning and should arrive before noon.",
    "Basil likes the sunny sill above the sink better than the shady one in the corridor.",
    "The song is called Blue in Green and was recorded in March 1959.",
    "One American cup of plain flour weighs about 125 grams.",
    "Three people have rung the bell since you left, and the last one was the postman.",
    "That noise was most likely the dishwasher starting its drying cycle.",
    "The moon will be full on Saturday, so the northern lights may be hard to see.",
    "Your son asked me the same question an hour ago!",
    "The pool is at 24 degrees already. If the sun stays out, it should reach 26 by the weekend.",
    "There is a frost warning for tonight. You may want to bring the lemon tree inside.",
    "**Red wine** stains come out best with cold water and salt. Never rub them.",
    "I would wait with the laundry. The solar panels will give twice as much after one o'clock.",
    "He was born in Salzburg in 1756. His father was a violinist and a strict teacher.",
    "The robot got stuck under the sideboard again. I sent you a picture of where it is.",
    "Traffic on the ring road is heavy this morning, so allow forty minutes. The train would take half of that.",
    "No, the oven is cold. It was switched off at 8:15 and has been off since then.",
    "Mix the yeast with lukewarm milk and wait until it foams. Then knead in the butter, a little at a time.",
    "Saturday will be dry with a light wind from the west. On Sunday a front arrives around noon. Better cycle early.",
    "I moved the dentist to Thursday at ten. The reminder is set for nine. Shall I tell Paul as well?",
    "Your battery is at 64 %. That lasts until about midnight. After that the house draws from the grid.",
    "Tonight there are two films on. The first is a comedy from France. The other one is about a lighthouse keeper.",
)
"""Texts of a language model. None is repeated."""

IDLE_SECONDS = 0.5
POLL_INTERVAL_SECONDS = 5.0
MAX_MISSED_KINDS = 15
GOAL_HIT_RATE, GOAL_MS = 0.8, 5.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class WarmupSummary:
    """The state of the cache after warmup."""

    minutes: float
    is_done: bool
    """Whether warmup finished in time."""
    phrases: int
    speech_minutes: float
    megabytes: float


@dataclass(frozen=True, slots=True)
class RequestResult:
    """Measurements of one request."""

    request: HouseholdRequest
    ttfa_seconds: float
    """Measured from `synthesize-start`."""
    segments: tuple[SegmentFinished, ...]


@dataclass(frozen=True, slots=True)
class ShareResult:
    """Measurements of the requests of one share."""

    share: Share | Literal["all"]
    requests: int
    segments: int
    hits: int
    hit_rate: float
    median_ms: float
    p95_ms: float


class RecordingPluginManager(PluginManager):
    """The plugins, and a record of the finished segments."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.segments: list[SegmentFinished] = []

    def observe(self, observation: Observation) -> None:
        """Record a segment with audio."""
        super().observe(observation)
        if isinstance(observation, SegmentFinished) and observation.seconds:
            self.segments.append(observation)


def main() -> None:
    """Print the report."""
    options = parse_arguments()
    requests = day(options.seed, FREE)
    if options.texts:
        print("\n".join(f"{request.share:14}{request.kind:46}{request.text}" for request in requests))
        return
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    try:
        with interrupt_on_sigterm(), TemporaryDirectory() as folder:
            config = household(load_config(None, os.environ, {}), Path(folder), IDLE_SECONDS)
            warmup = warm(config, options.minutes)
            results = asyncio.run(replay(unwarmed(config), requests))
    except KokoroError as error:
        sys.exit(f"household_day: {error}")
    print(format_json(options.seed, warmup, results) if options.json else format_report(warmup, results))


def parse_arguments() -> argparse.Namespace:
    """Return the options."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=15, help="maximum duration of warmup; default: 15")
    parser.add_argument("--seed", type=int, default=2026, help="seed of the requests; default: 2026")
    parser.add_argument("--texts", action="store_true", help="only print the texts")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser.parse_args()


# The day


def warm(config: Config, minutes: float) -> WarmupSummary:
    """Run a server until warmup has finished, at most `minutes`. Raises `StartupError`."""
    with serving(config) as server:
        server.ready()
        began, is_done = time.monotonic(), False
        while not is_done and time.monotonic() < began + 60 * minutes:
            time.sleep(POLL_INTERVAL_SECONDS)
            server.must_run()
            is_done = server.is_warm
            log.info("%d phrases after %.0f s", cache_stats(config).phrases, time.monotonic() - began)
        seconds = time.monotonic() - began
    stats = cache_stats(config)
    return WarmupSummary(seconds / 60, is_done, stats.phrases, stats.speech_seconds / 60, stats.disk_bytes / 1e6)


async def replay(config: Config, requests: Sequence[HouseholdRequest]) -> list[RequestResult]:
    """Send `requests` one after the other, from a client in another process to a server in this process."""
    plugins = RecordingPluginManager.load(config)
    assert isinstance(plugins, RecordingPluginManager)
    client = ProcessPoolExecutor(1, multiprocessing.get_context("spawn"))
    results = []
    with client:
        async with open_server(config, plugins, StartupTimeline()) as server:
            await server.backend.open_model()
            port = server.addresses[0].port
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(client, listen, port, HouseholdRequest("free", "", "…"))  # starts the process
            for request in requests:
                plugins.segments.clear()
                ttfa_seconds = await loop.run_in_executor(client, listen, port, request)
                results.append(RequestResult(request, ttfa_seconds, tuple(plugins.segments)))
    return results


# The report


def summarize(share: Share | Literal["all"], results: Sequence[RequestResult]) -> ShareResult:
    """Return the measurements of `results`."""
    segments = [segment for result in results for segment in result.segments]
    hits = sum(segment.cached for segment in segments)
    milliseconds = [1000 * result.ttfa_seconds for result in results]
    median, p95 = statistics.median(milliseconds), statistics.quantiles(milliseconds, n=20, method="inclusive")[-1]
    return ShareResult(share, len(results), len(segments), hits, hits / len(segments), median, p95)


def summarize_shares(results: Sequence[RequestResult]) -> list[ShareResult]:
    """Return the measurements of each share, and of all requests."""
    shares = [summarize(share, [result for result in results if result.request.share == share]) for share in SHARES]
    return [*shares, summarize("all", results)]


def find_misses(results: Sequence[RequestResult]) -> list[tuple[str, int, str]]:
    """Return kind, count and an example of the segments that were not cached, the most frequent kind first."""
    segments = [(result.request.kind, segment) for result in results for segment in result.segments]
    missed = [(kind, segment.text) for kind, segment in segments if not segment.cached]
    examples = dict(missed)
    return [
        (kind, count, examples[kind])
        for kind, count in Counter(kind for kind, _ in missed).most_common(MAX_MISSED_KINDS)
    ]


def format_json(seed: int, warmup: WarmupSummary, results: Sequence[RequestResult]) -> str:
    """Return the report as JSON."""
    shares = [asdict(share) for share in summarize_shares(results)]
    missed = [{"kind": kind, "segments": count, "example": text} for kind, count, text in find_misses(results)]
    return json.dumps({"seed": seed, "warmup": asdict(warmup), "shares": shares, "misses": missed}, indent=2)


def format_report(warmup: WarmupSummary, results: Sequence[RequestResult]) -> str:
    """Return the report as tables."""
    heads = ["share", "requests", "segments", "cached", "median TTFA, ms", "p95, ms"]
    shares = summarize_shares(results)
    cells = [
        [
            share.share,
            str(share.requests),
            str(share.segments),
            f"{share.hit_rate:.1%}",
            f"{share.median_ms:.1f}",
            f"{share.p95_ms:.1f}",
        ]
        for share in shares
    ]
    missed = [[str(count), kind, text] for kind, count, text in find_misses(results)]
    is_met = shares[-1].hit_rate >= GOAL_HIT_RATE and shares[-1].median_ms <= GOAL_MS
    done = "finished" if warmup.is_done else "did not finish"
    return f"""\
Warmup {done} in {warmup.minutes:.1f} min: {warmup.phrases} phrases, {warmup.speech_minutes:.1f} min of speech, \
{warmup.megabytes:.1f} MB

{format_table(heads, cells)}

The goal of {GOAL_HIT_RATE:.0%} and {GOAL_MS:g} ms for all requests is {"met" if is_met else "missed"}. Not cached:

{format_table(["segments", "kind", "example"], missed)}"""


if __name__ == "__main__":
    main()
