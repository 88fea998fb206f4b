"""Simulate the busiest hour of 10 to 10,000 satellites: how many replicas they need, and how large the store becomes.

    python -m tools.simulate.capacity [--satellites N] [--full-rtf RTF] [--distilled-rtf RTF] [--households N]

First, households ask for a week of texts, as `tools.measure.household_texts` draws them. The hit rate is that of the
last day, without warmup, in a cache that is shared by all replicas or in one for each. Then the misses of the busiest
hour arrive at random times at replicas with the real classes of admission, behind a balancer that selects the replica
with the fewest requests. The result is the smallest number of replicas whose first audio is 300 ms or less for 99 of
100 requests, of which at most one in a thousand is refused.

Replicas have two cores, and the costs measured on such a machine. A hit costs a replica nothing in this simulation. In
fact it takes 2 ms of one core.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from statistics import mean

from tools.measure.household_day import FREE
from tools.measure.household_texts import SHARES, HouseholdRequest, day, response_templates
from tools.simulate.admission import PHONEME_COST, SimulatedMachine, SimulatedRequest
from wyoming_kokoro.scheduling.admission import SECONDS_PER_PHONEME
from wyoming_kokoro.terminal import format_table

SATELLITES = (10, 30, 100, 300, 1000, 3000, 10_000)
SATELLITES_PER_HOUSEHOLD = 3
REQUESTS_PER_DAY = sum(SHARES.values())
DAYS = 7
# The share of a day's requests in its busiest hour.
BUSY_HOUR_SHARE = 0.12
GOAL_SECONDS = 0.3
MAX_REFUSED_SHARE = 0.001
HIT_SECONDS = 0.001
# FLAC, `python -m tools.measure.time_to_first_audio disk`.
BYTES_PER_SECOND = 27_000
# Enough for the 99th percentile of each case.
MAX_REQUESTS = 20_000
NOISE = 0.25
# So many replicas for each busy one are nearly idle.
MAX_SPARE_RATIO = 20
# `python -m tools.measure.model_quality`, on two cores with VNNI.
FULL_RTF, DISTILLED_RTF = 0.23, 0.015
DISTILLED_PHONEME_COST = 0.0003


@dataclass(frozen=True, slots=True)
class MachineCosts:
    """The costs of a model on a replica."""

    rtf: float
    phoneme_cost: float
    """Seconds before the first window, for each phoneme."""


@dataclass(frozen=True, slots=True)
class DrawnText:
    """A text that a household asks for."""

    household: int
    content: Hashable
    """Equal for requests with the same sound."""
    speech_seconds: float


@dataclass(frozen=True, slots=True)
class CacheOutcome:
    """What a cache is worth on the last day."""

    hit_rate: float
    missed: Sequence[float]
    """The seconds of speech of each miss."""
    repeated_seconds: float
    """The speech of all texts that were asked for more than once."""


def draw_week(households: int, seed: int = 0) -> list[list[DrawnText]]:
    """Return the requests of all households, for each day in random order."""
    days, templates = [], response_templates()
    for number in range(DAYS):
        texts = [
            _draw(household, number, request)
            for household in range(households)
            for request in day(seed + 1000 * household + number, FREE, templates)
        ]
        random.Random(seed + number).shuffle(texts)
        days.append(texts)
    return days


def _draw(household: int, number: int, request: HouseholdRequest) -> DrawnText:
    # Households have devices with names of their own. The times and the announcements of all are the same, and the
    # texts of a language model are never repeated.
    owner = {"answers": household, "free": (household, number)}.get(request.share)
    return DrawnText(household, (owner, request.text), max(0.5, SECONDS_PER_PHONEME * len(request.text)))


def use_cache(week: Sequence[Sequence[DrawnText]], caches: int) -> CacheOutcome:
    """Return what `caches`, with a random one for each request, are worth on the last day."""
    choice, known, counts = random.Random(0), [set[Hashable]() for _ in range(caches)], Counter[Hashable]()
    missed: list[float] = []
    for number, texts in enumerate(week):
        for text in texts:
            cache = choice.choice(known)
            counts[text.content] += 1
            if text.content not in cache and number == len(week) - 1:
                missed.append(text.speech_seconds)
            cache.add(text.content)
    lengths = {text.content: text.speech_seconds for texts in week for text in texts}
    repeated = sum(lengths[content] for content, count in counts.items() if count > 1)
    return CacheOutcome(1 - len(missed) / len(week[-1]), missed, repeated)


def requests_per_second(satellites: int) -> float:
    """Return the requests of the busiest hour, for each second."""
    return satellites / SATELLITES_PER_HOUSEHOLD * REQUESTS_PER_DAY * BUSY_HOUR_SHARE / 3600


def percentile_first_audio(
    replicas: int, satellites: int, cache: CacheOutcome, costs: MachineCosts, seed: int = 0
) -> float:
    """Return the 99th percentile of the first audio in seconds; infinite if too many requests are refused."""
    choice = random.Random(seed)
    per_second = requests_per_second(satellites)
    count = max(2000, min(MAX_REQUESTS, round(3600 * per_second)))
    machines = [
        SimulatedMachine(costs.rtf, NOISE, seed + number, phoneme_cost=costs.phoneme_cost) for number in range(replicas)
    ]
    now, refused = 0.0, 0
    for number in range(count):
        now += choice.expovariate(per_second)
        if choice.random() < cache.hit_rate:
            continue
        for machine in machines:
            machine.run_until(now)
        request = SimulatedRequest(number, now, f"client {number % satellites}", choice.choice(cache.missed))
        refused += not min(machines, key=lambda machine: machine.active_count).arrive(request)
        if refused > MAX_REFUSED_SHARE * count:
            return float("inf")
    for machine in machines:
        machine.run_until(float("inf"))
    misses = sorted(seconds for machine in machines for seconds in machine.outcomes.first_audio.values())
    slower = count // 100
    return misses[-slower - 1] if slower < len(misses) else HIT_SECONDS


def replicas_needed(satellites: int, cache: CacheOutcome, costs: MachineCosts) -> tuple[int, float]:
    """Return the smallest number of replicas that meets the goal, and its 99th percentile of the first audio.

    The number is 0 if not even idle replicas are fast enough.
    """
    # Fewer have more work than time.
    work_seconds = costs.rtf + costs.phoneme_cost / SECONDS_PER_PHONEME
    busy = requests_per_second(satellites) * (1 - cache.hit_rate) * mean(cache.missed) * work_seconds
    low, high = int(busy), max(1, int(2 * busy))
    seconds = percentile_first_audio(high, satellites, cache, costs)
    while seconds > GOAL_SECONDS:
        if high > MAX_SPARE_RATIO * (1 + busy):
            return 0, seconds
        low, high = high, 2 * high
        seconds = percentile_first_audio(high, satellites, cache, costs)
    while high - low > 1:
        middle = (low + high) // 2
        middle_seconds = percentile_first_audio(middle, satellites, cache, costs)
        if middle_seconds <= GOAL_SECONDS:
            high, seconds = middle, middle_seconds
        else:
            low = middle
    return high, seconds


def main() -> int:
    """Simulate and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--satellites", type=int, action="append", metavar="N", help=f"default: {SATELLITES}")
    parser.add_argument("--full-rtf", type=float, default=FULL_RTF, metavar="RTF", help=f"default: {FULL_RTF}")
    parser.add_argument("--distilled-rtf", type=float, default=DISTILLED_RTF, metavar="RTF")
    parser.add_argument("--households", type=int, default=100, metavar="N", help="the maximum that is drawn")
    options = parser.parse_args()
    # The text part of the full model slows down with its vocoder.
    models = {
        "full": MachineCosts(options.full_rtf, PHONEME_COST * options.full_rtf / FULL_RTF),
        "distilled": MachineCosts(
            options.distilled_rtf, DISTILLED_PHONEME_COST * options.distilled_rtf / DISTILLED_RTF
        ),
    }
    rows = []
    for satellites in options.satellites or SATELLITES:
        households = max(1, satellites // SATELLITES_PER_HOUSEHOLD)
        week = draw_week(min(households, options.households))
        shared = use_cache(week, caches=1)
        store_mb = shared.repeated_seconds * BYTES_PER_SECOND / 1e6 * households / min(households, options.households)
        row = [f"{satellites:,}", f"{3600 * requests_per_second(satellites):,.0f}"]
        row += [f"{100 * shared.hit_rate:.0f} %", f"{store_mb:,.0f} MB"]
        for costs in models.values():
            replicas, seconds = replicas_needed(satellites, shared, costs)
            own = use_cache(week, caches=max(1, replicas))
            row += [str(replicas or "too slow"), f"{1000 * seconds:.0f} ms", f"{100 * own.hit_rate:.0f} %"]
        rows.append(row)
        print(f"{satellites:,} satellites done", file=sys.stderr)
    head = ["satellites", "requests per hour", "hits", "store"]
    head += [f"{name}: {what}" for name in models for what in ("replicas", "99 %", "hits without a shared store")]
    print(format_table(head, rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
