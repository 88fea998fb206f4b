"""Rates how short memory is, with the reason in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from wyoming_kokoro import MemoryPressure
from wyoming_kokoro.api.observations import Level
from wyoming_kokoro_memory_watchdog.snapshot import LEVELS, MemoryLimit, MemorySnapshot

MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Threshold:
    """The available memory below which a limit is at `level`: a share of the limit, but at most `max_bytes`."""

    level: Level
    ratio: float
    max_bytes: int

    def bytes_for(self, limit: MemoryLimit) -> int:
        """Return the threshold for `limit` in bytes."""
        return min(self.max_bytes, round(self.ratio * limit.limit_bytes))


# The server uses about 400 MB in all. On a large machine these amounts suffice, however small their share.
THRESHOLDS = (
    Threshold("critical", 0.05, 100 * MEGABYTE),
    Threshold("high", 0.10, 250 * MEGABYTE),
    Threshold("raised", 0.20, 600 * MEGABYTE),
)
RAISED_SOME_STALLED_PERCENT = 10.0
HIGH_ALL_STALLED_PERCENT = 10.0
CRITICAL_ALL_STALLED_PERCENT = 40.0
# A process has grown when it uses both this many times its baseline and this much more than it.
GROWTH_RATIO = 1.5
MIN_GROWTH_BYTES = 150 * MEGABYTE


def assess(snapshot: MemorySnapshot, baseline_bytes: int) -> MemoryPressure:
    """Return how short memory is.

    `baseline_bytes` is what the process uses in normal operation, or 0 while that is not known.
    """
    findings = [*_check_limits(snapshot), *_check_stalls(snapshot), *_check_growth(snapshot, baseline_bytes)]
    normal = MemoryPressure("normal", _describe_available(snapshot))
    worst = max(findings, key=lambda finding: LEVELS.index(finding.level), default=normal)
    return replace(worst, resident_bytes=snapshot.resident_bytes, available_bytes=snapshot.available_bytes)


def _check_limits(snapshot: MemorySnapshot) -> Iterator[MemoryPressure]:
    for limit in snapshot.limits:
        crossed = next((item for item in THRESHOLDS if limit.available_bytes < item.bytes_for(limit)), None)
        if crossed:
            reason = f"{_mb(limit.available_bytes)} of {_mb(limit.limit_bytes)} available to {limit.name}"
            if snapshot.resident_bytes:
                reason += f"; the server uses {_mb(snapshot.resident_bytes)}"
            wanted = THRESHOLDS[-1].bytes_for(limit) - limit.available_bytes
            yield MemoryPressure(crossed.level, reason, wanted_bytes=wanted)


def _check_stalls(snapshot: MemorySnapshot) -> Iterator[MemoryPressure]:
    some, full = snapshot.some_stalled_percent, snapshot.all_stalled_percent
    if snapshot.system_level != "normal":
        yield MemoryPressure(snapshot.system_level, "the operating system reports memory pressure")
    if full > HIGH_ALL_STALLED_PERCENT:
        level: Level = "critical" if full > CRITICAL_ALL_STALLED_PERCENT else "high"
        yield MemoryPressure(level, f"all programs waited for memory in {full:.0f} % of the last 10 seconds")
    elif some > RAISED_SOME_STALLED_PERCENT:
        yield MemoryPressure("raised", f"programs waited for memory in {some:.0f} % of the last 10 seconds")


def _check_growth(snapshot: MemorySnapshot, baseline_bytes: int) -> Iterator[MemoryPressure]:
    growth = snapshot.resident_bytes - baseline_bytes
    if baseline_bytes and snapshot.resident_bytes > GROWTH_RATIO * baseline_bytes and growth > MIN_GROWTH_BYTES:
        ratio = snapshot.resident_bytes / baseline_bytes
        reason = f"the server uses {_mb(snapshot.resident_bytes)}, {ratio:.1f} times its usual {_mb(baseline_bytes)}"
        yield MemoryPressure("raised", reason, wanted_bytes=growth)


def _describe_available(snapshot: MemorySnapshot) -> str:
    tightest = min(snapshot.limits, key=lambda limit: limit.available_bytes, default=None)
    return f"{_mb(tightest.available_bytes)} available to {tightest.name}" if tightest else "no memory limit is known"


def _mb(size: int) -> str:
    return f"{size / MEGABYTE:.0f} MB"
