"""How short memory is, by what was read, and the reason in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from wyoming_kokoro import MemoryPressure
from wyoming_kokoro.api.observations import Level
from wyoming_kokoro_memory_watchdog.reading import Bound, Reading

MEGABYTE = 1_000_000
LEVELS: tuple[Level, ...] = ("critical", "high", "raised", "normal")
"""The worst first."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """When a bound is near."""

    level: Level
    share: float
    """Of the bound: with less to spare it is near..."""
    bytes: int
    """...unless so much is to spare anyway: speaking takes 400 MB in all, and needs no share of a large machine."""

    def of(self, bound: Bound) -> int:
        """Return the bytes below which `bound` is near."""
        return min(self.bytes, round(self.share * bound.limit))


THRESHOLDS = (
    Threshold("critical", 0.05, 100 * MEGABYTE),
    Threshold("high", 0.10, 250 * MEGABYTE),
    Threshold("raised", 0.20, 600 * MEGABYTE),
)
SOME_STALLED, ALL_STALLED, LONG_STALLED = 10.0, 10.0, 40.0
"""Per cent of the time in which some task waits for memory (raised), all do (high), and all do for long (critical)."""
GROWTH, LEAST_GROWTH = 1.5, 150 * MEGABYTE
"""How many times what it was, and how much more at least, a process takes that has grown."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One reason why memory is short."""

    level: Level
    reason: str
    wanted: int = 0
    """Bytes that would have to be given back."""


def judge(reading: Reading, baseline: int) -> MemoryPressure:
    """Return how short memory is; `baseline` is what the process took when it had settled, 0 when that is not known."""
    findings = [*_bounds(reading), *_stalls(reading), *_growth(reading, baseline)]
    worst = min(findings, key=lambda finding: LEVELS.index(finding.level), default=Finding("normal", _plenty(reading)))
    return MemoryPressure(worst.level, worst.reason, reading.resident, reading.available, worst.wanted)


def _bounds(reading: Reading) -> Iterator[Finding]:
    for bound in reading.bounds:
        near = next((threshold for threshold in THRESHOLDS if bound.available < threshold.of(bound)), None)
        if near:
            reason = f"{_mb(bound.available)} of {_mb(bound.limit)} are left to {bound.name}{_composition(reading)}"
            yield Finding(near.level, reason, THRESHOLDS[-1].of(bound) - bound.available)


def _stalls(reading: Reading) -> Iterator[Finding]:
    if reading.kernel_level != "normal":
        yield Finding(reading.kernel_level, "the system says so")
    if reading.all_stalled > ALL_STALLED:
        level: Level = "critical" if reading.all_stalled > LONG_STALLED else "high"
        yield Finding(level, f"everybody waited for memory in {reading.all_stalled:.0f} % of the last ten seconds")
    elif reading.some_stalled > SOME_STALLED:
        yield Finding("raised", f"programs waited for memory in {reading.some_stalled:.0f} % of the last ten seconds")


def _growth(reading: Reading, baseline: int) -> Iterator[Finding]:
    grown = reading.resident - baseline
    if baseline and reading.resident > GROWTH * baseline and grown > LEAST_GROWTH:
        kind = "fragmentation" if reading.wasted > grown / 2 else "growth"
        reason = f"{kind}: {reading.resident / baseline:.1f} times the {_mb(baseline)} of before{_composition(reading)}"
        yield Finding("raised", reason, grown)


def _composition(reading: Reading) -> str:
    """Tell what this process takes, and how much of that nobody uses."""
    if not reading.resident:
        return ""
    wasted = f", of which {_mb(reading.wasted)} are free inside the allocator" if reading.heap else ""
    return f"; {_mb(reading.resident)} are ours{wasted}"


def _plenty(reading: Reading) -> str:
    least = min(reading.bounds, key=lambda bound: bound.available, default=None)
    return f"{_mb(least.available)} are left to {least.name}" if least else "nothing speaks against it"


def _mb(size: int) -> str:
    return f"{size / MEGABYTE:.0f} MB"
