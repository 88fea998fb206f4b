"""Replay a household's day against a server that had a quarter of an hour to warm up: what was ready, and how soon.

    python -m tools.measure.household_day [--minutes N] [--seed N] [--json]     warm up, replay, tell
    python -m tools.measure.household_day --texts                               only show what would be asked for

A server of our own warms up in a fresh cache, with the house's devices and announcements in its configuration. Then
another, which does not warm up, speaks all 300 requests over TCP to a client in a process of its own, each request as
Home Assistant sends it. The goal: 80 % of the segments are ready, and the median of the times to first audio is 5 ms.
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
from tools.measure.household_texts import SHARES, Request, Share, day
from wyoming_kokoro.api.observations import Observation, SegmentFinished
from wyoming_kokoro.bench.processes import interrupt_on_sigterm
from wyoming_kokoro.cli.table import table
from wyoming_kokoro.config import Config, load
from wyoming_kokoro.errors import KokoroError
from wyoming_kokoro.plugins.manager import PluginManager
from wyoming_kokoro.server.lifecycle import running
from wyoming_kokoro.server.startup_timeline import StartupTimeline

FREE = (
    "I turned the heating down two degrees because nobody is at home.",
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
    "No, the oven is cold. It was switched off at 8:15 and nobody has touched it since.",
    "Mix the yeast with lukewarm milk and wait until it foams. Then knead in the butter, a little at a time.",
    "Saturday will be dry with a light wind from the west. On Sunday a front arrives around noon. Better cycle early.",
    "I moved the dentist to Thursday at ten. The reminder is set for nine. Shall I tell Paul as well?",
    "Your battery is at 64 %. That lasts until about midnight. After that the house draws from the grid.",
    "Tonight there are two films on. The first is a comedy from France. The other one is about a lighthouse keeper.",
)
"""What a language model says, and never said before."""

IDLE_SECONDS = 0.5
LOOK_SECONDS = 5.0
KINDS = 15
GOAL_RATE, GOAL_MS = 0.8, 5.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Warmed:
    """What warming up brought."""

    minutes: float
    is_done: bool
    """Whether there was time for everything."""
    phrases: int
    speech_minutes: float
    megabytes: float


@dataclass(frozen=True, slots=True)
class Answered:
    """How a request went."""

    request: Request
    first: float
    """Seconds from the written `synthesize-start` to the first samples."""
    segments: tuple[SegmentFinished, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """How a share of the day went."""

    share: Share | Literal["all"]
    requests: int
    segments: int
    hits: int
    rate: float
    median_ms: float
    p95_ms: float


class Listening(PluginManager):
    """The plugins, and beside them one that keeps account of what is spoken."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.heard: list[SegmentFinished] = []

    def observe(self, observation: Observation) -> None:
        """Note a segment that has sound."""
        super().observe(observation)
        if isinstance(observation, SegmentFinished) and observation.seconds:
            self.heard.append(observation)


def main() -> None:
    """Print the table."""
    options = parsed()
    requests = day(options.seed, FREE)
    if options.texts:
        print("\n".join(f"{request.share:14}{request.kind:46}{request.text}" for request in requests))
        return
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    try:
        with interrupt_on_sigterm(), TemporaryDirectory() as folder:
            config = household(load(None, os.environ, {}), Path(folder), IDLE_SECONDS)
            warmed = warm(config, options.minutes)
            answers = asyncio.run(replayed(unwarmed(config), requests))
    except KokoroError as error:
        sys.exit(f"household_day: {error}")
    print(as_json(options.seed, warmed, answers) if options.json else page(warmed, answers))


def parsed() -> argparse.Namespace:
    """Return the options."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=15, help="how long the server may warm up; default: 15")
    parser.add_argument("--seed", type=int, default=2026, help="another day; default: 2026")
    parser.add_argument("--texts", action="store_true", help="only show what would be asked for")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser.parse_args()


# The day


def warm(config: Config, minutes: float) -> Warmed:
    """Let a server warm up until it is done or `minutes` have passed. Raises `StartupError`."""
    with serving(config) as server:
        server.ready()
        began, is_done = time.monotonic(), False
        while not is_done and time.monotonic() < began + 60 * minutes:
            time.sleep(LOOK_SECONDS)
            server.must_run()
            is_done = server.is_warm
            log.info("%d phrases after %.0f s", cache_stats(config).phrases, time.monotonic() - began)
        taken = time.monotonic() - began
    found = cache_stats(config)
    return Warmed(taken / 60, is_done, found.phrases, found.seconds / 60, found.bytes / 1e6)


async def replayed(config: Config, requests: Sequence[Request]) -> list[Answered]:
    """Speak `requests` one after the other, on a server of this process, to a client of another."""
    plugins = Listening.load(config)
    assert isinstance(plugins, Listening)
    client = ProcessPoolExecutor(1, multiprocessing.get_context("spawn"))
    answers = []
    with client:
        async with running(config, plugins, StartupTimeline()) as server:
            await asyncio.shield(server.backend.opening)
            port = server.addresses[0].port
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(client, listen, port, Request("free", "", "…"))  # its process starts
            for request in requests:
                plugins.heard.clear()
                first = await loop.run_in_executor(client, listen, port, request)
                answers.append(Answered(request, first, tuple(plugins.heard)))
    return answers


# What is told


def row(share: Share | Literal["all"], answers: Sequence[Answered]) -> Row:
    """Return how `answers` went."""
    segments = [segment for answer in answers for segment in answer.segments]
    hits = sum(segment.cached for segment in segments)
    milliseconds = [1000 * answer.first for answer in answers]
    median, p95 = statistics.median(milliseconds), statistics.quantiles(milliseconds, n=20, method="inclusive")[-1]
    return Row(share, len(answers), len(segments), hits, hits / len(segments), median, p95)


def rows(answers: Sequence[Answered]) -> list[Row]:
    """Return how each share of the day went, and all of it."""
    shares = [row(share, [answer for answer in answers if answer.request.share == share]) for share in SHARES]
    return [*shares, row("all", answers)]


def misses(answers: Sequence[Answered]) -> list[tuple[str, int, str]]:
    """Return the kinds of what was not ready, how many segments of each, and an example; the most frequent first."""
    heard = [(answer.request.kind, segment) for answer in answers for segment in answer.segments]
    missed = [(kind, segment.text) for kind, segment in heard if not segment.cached]
    examples = dict(missed)
    return [(kind, count, examples[kind]) for kind, count in Counter(kind for kind, _ in missed).most_common(KINDS)]


def as_json(seed: int, warmed: Warmed, answers: Sequence[Answered]) -> str:
    """Return everything for a program."""
    shares = [asdict(row) for row in rows(answers)]
    missed = [{"kind": kind, "segments": count, "example": text} for kind, count, text in misses(answers)]
    return json.dumps({"seed": seed, "warmed": asdict(warmed), "shares": shares, "misses": missed}, indent=2)


def page(warmed: Warmed, answers: Sequence[Answered]) -> str:
    """Return everything for a person."""
    heads = ["share", "requests", "segments", "ready", "median TTFA, ms", "p95, ms"]
    found = rows(answers)
    counts = [[row.share, str(row.requests), str(row.segments)] for row in found]
    figures = [[f"{row.rate:.1%}", f"{row.median_ms:.1f}", f"{row.p95_ms:.1f}"] for row in found]
    cells = [first + rest for first, rest in zip(counts, figures, strict=True)]
    missed = [[str(count), kind, text] for kind, count, text in misses(answers)]
    is_met = found[-1].rate >= GOAL_RATE and found[-1].median_ms <= GOAL_MS
    done = "was done" if warmed.is_done else "was not done"
    return f"""\
Warming up {done} after {warmed.minutes:.1f} min: {warmed.phrases} phrases, {warmed.speech_minutes:.1f} min of speech, \
{warmed.megabytes:.1f} MB

{table(heads, cells)}

The goal of {GOAL_RATE:.0%} and {GOAL_MS:g} ms over all is {"met" if is_met else "missed"}. Not ready were:

{table(["segments", "of", "such as"], missed)}"""


if __name__ == "__main__":
    main()
